/** Whether an open pull can be merged, as the forge has worked it out. */
export interface Merging {
  /** Its head, which all of this is about. */
  readonly commit: string;
  /** Null: the forge has not worked it out yet. */
  readonly merges: boolean | null;
  /** Nothing keeps it from being merged now: no conflict, no rule of the base branch, no draft. */
  readonly isClean: boolean;
  /** The base branch wants it to hold the newest base first. */
  readonly isBehind: boolean;
}
