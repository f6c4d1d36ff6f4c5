import { parse, postprocess, preprocess } from 'micromark';
import { gfm } from 'micromark-extension-gfm';

type Event = ReturnType<typeof postprocess>[number];

/** A piece of syntax in the text, with where it stands. */
export interface Piece {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  /** Its text as Markdown reads it: without the marks of quotes and lists around it. */
  readonly words: () => string;
}

export interface Visitor {
  enter(piece: Piece): void;
  exit(piece: Piece): void;
}

const EXTENSIONS = [gfm()];

/** Reads a text as GitHub does: what begins and ends in it, in order. May take long or overflow the stack; see `tooKnotted`. */
export function readMarkdown(text: string): (visitor: Visitor) => void {
  const events = postprocess(
    parse({ extensions: EXTENSIONS })
      .document()
      .write(preprocess()(text, undefined, true)),
  );
  return (visitor) => {
    for (const event of events) visitor[event[0]](pieceOf(event));
  };
}

const pieceOf = ([, token, context]: Event): Piece => ({
  type: token.type,
  from: token.start.offset,
  to: token.end.offset,
  words: () => context.sliceSerialize(token),
});
