import { list, object, parseObject, string } from '../../agents/words/fields.ts';
import { type PictureKind, pictureKind } from './kind.ts';

/** What a browser is given to draw: so many points, so long a side, so many of one line. */
const MOST_POINTS = 40_000_000;
const MOST_SIDE = 16_384;
const MOST_IN_LINE = 20;
const DEEP = 12;
/** The beginning of a picture, of which its size is told. */
const HEAD = 48 * 1024;

/** Why a picture is not shown. */
export type Unshown = 'no picture' | 'too large';

/** The pictures of a line, with what can be told of each from its beginning; null: it cannot be shown. */
export function picturesIn(line: string): readonly (PictureKind | null)[] {
  // Most lines have none, and are not parsed once more for it.
  if (!line.includes('"image"')) return [];
  const fields = parseObject(line);
  return fields === null ? [] : dataIn(fields).map((data) => shownKind(Buffer.from(data.slice(0, HEAD), 'base64')));
}

/** One picture of a line that is whole: its kind and bytes, or why it is not shown. */
export function pictureIn(line: string, index: number): (PictureKind & { readonly bytes: Buffer }) | Unshown {
  const fields = parseObject(line);
  const data = fields === null ? undefined : dataIn(fields)[index];
  if (data === undefined) return 'no picture';
  const bytes = Buffer.from(data, 'base64');
  const kind = pictureKind(bytes);
  if (kind === null) return 'no picture';
  return shownKind(bytes) === null ? 'too large' : { ...kind, bytes };
}

function shownKind(bytes: Buffer): PictureKind | null {
  const kind = pictureKind(bytes);
  if (kind === null) return null;
  const { width, height } = kind;
  const fits = width > 0 && height > 0 && width <= MOST_SIDE && height <= MOST_SIDE && width * height <= MOST_POINTS;
  return fits ? kind : null;
}

/** The data of every picture, wherever in the line it stands: agents and servers of MCP each have a form of their own for it. */
function dataIn(value: unknown, depth = 0): readonly string[] {
  if (depth > DEEP) return [];
  if (Array.isArray(value)) return list(value).flatMap((one) => dataIn(one, depth + 1));
  const fields = object(value);
  if (fields === null) return [];
  if (fields.type === 'image') {
    const data = string(object(fields.source)?.data) ?? string(fields.data);
    if (data !== null) return [data];
  }
  return Object.values(fields)
    .flatMap((one) => dataIn(one, depth + 1))
    .slice(0, MOST_IN_LINE);
}
