import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The folders whose files take longest come first, so that no worker sits idle while another one still has a long file before it. */
const ORDER = ['test/e2e/', 'test/simulation/', 'test/integration/', 'src/adapters/', 'test/', 'src/'];

export class LongestFirst extends BaseSequencer {
  /** Within a folder as vitest has it: by what the last run took, else by size. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => ORDER.findIndex((folder) => moduleId.includes(`/${folder}`));
    return sorted.toSorted((one, other) => place(one) - place(other));
  }
}
