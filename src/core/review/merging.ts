/** Whether an open pull can be merged, as the forge has worked it out. */
export interface Merging {
  /** Its head, which all of this is about. */
  readonly commit: string;
  /** Null: the forge has not worked it out yet. */
  readonly merges: boolean | null;
  /** Nothing keeps it from being merged now: no conflict, no rule of the base branch, no draft. */
  readonly isClean: boolean;
}

/** What came of the wish that a green pull is merged. */
export type Merge =
  /** The forge merges it as soon as the rules of the base branch let it. */
  { readonly kind: 'armed' } | { readonly kind: 'merged' } | { readonly kind: 'waits'; readonly why: string };
