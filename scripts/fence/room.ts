/** A row of the table. */
export interface Room {
  /** The folder below src/; `main.ts` is the one file that stands in none. */
  readonly room: string;
  readonly what: string;
  /** Stands on one floor with the row above it: neither imports the other. */
  readonly beside?: true;
  /** Rooms of other houses; with a slash at its end a whole house. In the row that is named like a house: for all its rooms. */
  readonly may?: readonly string[];
  /** Packages and modules of Node; in the row that is named like a house: for all its rooms. */
  readonly libraries?: readonly string[];
}
