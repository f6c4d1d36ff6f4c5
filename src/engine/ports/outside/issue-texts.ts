/** What a person sees of an issue's text, for a prompt. */
export interface ShownText {
  readonly text: string;
  /** How many characters at its end were left out. */
  readonly left: number;
  /** What was taken out because it does not show on the forge's page, in a few words each. */
  readonly taken: readonly string[];
  /** Why it could not be read as Markdown: then it is its source as plain text, escaped. Null: it could. */
  readonly plain: string | null;
}

/** Reads texts that strangers wrote, whatever they are, without holding up anyone. */
export interface IssueTexts {
  /** Never fails: a text that cannot be read is answered as plain text. */
  shown(text: string): Promise<ShownText>;
  /** What its author says in words: without what does not show, code and quotes. Never fails: of a text that cannot be read nothing. */
  prose(text: string): Promise<string>;
}
