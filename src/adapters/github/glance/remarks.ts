import { type Comment, commentShape, type Talk } from './shapes.ts';

/** What was said lately under issues and pulls, as far as it is whole: from when on, REST has told, and looks have added to it. */
export interface Remarks {
  /** All since then, the newest first; null: it is not whole. */
  since(at: number): readonly Remark[] | null;
  /** Takes in what REST told of all that was said since then. */
  begin(at: number, said: readonly Remark[]): void;
  /** Takes in the last of what was said under one; false: there may be more, and it is not whole any more. */
  take(issue: number, talk: Talk): boolean;
  forget(): void;
}

export interface Remark extends Comment {
  readonly issue: number;
}

export function createRemarks(): Remarks {
  let from: number | null = null;
  let held = new Map<number, Remark>();

  return {
    since(at) {
      if (from === null || at < from) return null;
      // It is not asked for anything older again.
      from = at;
      held = new Map([...held].filter(([, { updatedAt }]) => updatedAt >= at));
      return [...held.values()].sort((a, b) => b.updatedAt - a.updatedAt || b.id - a.id);
    },
    begin(at, said) {
      from = at;
      held = new Map(said.map((one) => [one.id, one]));
    },
    take(issue, { totalCount, nodes }) {
      if (from === null) return true;
      const read = nodes.flatMap((node) => commentShape.safeParse(node).data ?? []);
      for (const one of read) if (one.updatedAt >= from) held.set(one.id, { ...one, issue });
      const oldest = Math.min(...read.map(({ createdAt }) => createdAt));
      return nodes.length >= totalCount || oldest < from;
    },
    forget() {
      from = null;
      held.clear();
    },
  };
}
