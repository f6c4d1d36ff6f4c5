import { join } from 'node:path';

/** One folder per release: what it left behind when its daemon was killed. */
export const RELEASES = join(import.meta.dirname, '../../fixtures/releases');

/** What stands in kept files for paths, addresses and keys, each another wherever they are staged. */
export const PLACES = { home: '{{home}}', forge: '{{forge}}', path: '{{path}}' } as const;

/** What else is needed to start its workers again, and to tell its times. */
export interface KeptFacts {
  readonly version: string;
  /** When its daemon was killed. */
  readonly at: number;
  /** The workers that lived, each with the whole environment of its parent. */
  readonly live: readonly { readonly run: string; readonly environment: Readonly<Record<string, string>> }[];
}
