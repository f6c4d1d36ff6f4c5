import { type DemoForge, LABEL, PEOPLE } from '../../demo/world/forge.ts';
import { drawKind, type Kind, titleOf } from './kinds.ts';

/** Files labelled issues so that there is always something to start. */
export interface Feeder {
  /** Files so many more. */
  file(count: number, slowAllowed: boolean): Promise<void>;
  filed(): ReadonlyMap<string, Kind>;
}

export function createFeeder(forge: DemoForge, random: () => number): Feeder {
  const filed = new Map<string, Kind>();
  return {
    filed: () => filed,
    async file(count, slowAllowed) {
      for (let i = 0; i < count; i += 1) {
        const kind = drawKind(random, slowAllowed);
        const issue = { as: PEOPLE.maintainer, title: titleOf(kind, filed.size + 1), body: 'Behave as the title says.' };
        const { number } = (await forge.act('POST', 'issues', issue)) as { number: number };
        filed.set(`gh-${number}`, kind);
        await forge.act('POST', `issues/${number}/labels`, { as: PEOPLE.maintainer, label: LABEL });
      }
    },
  };
}
