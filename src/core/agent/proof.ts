/** What the agent's own calls show of its tests. */
export interface Proof {
  /** Calls that changed files. */
  readonly edits: number;
  /** Tests that run now. */
  readonly waiting?: readonly { readonly id: string; readonly command: string; readonly edits: number; readonly isPlain: boolean }[];
  /** The newest that ended: after how many changes they began, and whether they passed; null: their command hides it. */
  readonly tests?: { readonly command: string; readonly edits: number; readonly ok: boolean | null };
}
