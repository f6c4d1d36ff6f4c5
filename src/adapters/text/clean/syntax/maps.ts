import type { Markup } from './html.ts';

/*
 * A fence of GeoJSON or TopoJSON is drawn as a map: what is no part of the map does not show. Properties do, to whoever clicks at a place.
 */

const KEYS = new Set(
  'type coordinates geometry geometries features bbox crs name arcs transform scale translate id objects properties'.split(' '),
);
const TYPES = new Set(
  'Feature FeatureCollection Point MultiPoint LineString MultiLineString Polygon MultiPolygon GeometryCollection Topology'.split(' '),
);
/** A name that is one short word says nothing to anybody. */
const NAME = /^\w{0,20}$/;

/** Null: all of it shows, as what no map can be made of does, which is shown as it is written. */
export function hiddenInMap(content: string): readonly Markup[] | null {
  let map: unknown;
  try {
    map = JSON.parse(content);
  } catch {
    return null;
  }
  return isPlain(map, content) ? null : [{ from: 0, to: content.length, put: '', kind: 'notes in diagrams' }];
}

/** Nothing is so deep that is drawn. */
const DEEPEST = 40;

function isPlain(map: unknown, content: string): boolean {
  if (!isDrawn(map, 0)) return false;
  // A key that is there twice, or an escape, is another text than the one that is drawn.
  const bare = content.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (one) => (one.startsWith('"') ? one : ''));
  return sameNumbers(bare) === sameNumbers(JSON.stringify(map));
}

/** Numbers may be written in several ways, and say nothing. */
const sameNumbers = (json: string): string => json.replace(/("(?:[^"\\]|\\.)*")|-?\d[\d.eE+-]*/g, (_, text?: string) => text ?? '0');

function isDrawn(value: unknown, depth: number): boolean {
  if (depth > DEEPEST) return false;
  if (Array.isArray(value)) return value.every((one) => typeof one === 'number' || isDrawn(one, depth + 1));
  if (typeof value !== 'object' || value === null) return value === null || typeof value === 'number';
  return Object.entries(value).every(([key, one]: [string, unknown]) => {
    if (!KEYS.has(key)) return false;
    if (key === 'type') return TYPES.has(String(one));
    if (key === 'id' || key === 'name') return NAME.test(String(one));
    if (key === 'properties') return isShallow(one, depth);
    if (key === 'objects')
      return (
        typeof one === 'object' && one !== null && Object.entries(one).every(([name, each]) => NAME.test(name) && isDrawn(each, depth + 1))
      );
    return isDrawn(one, depth + 1);
  });
}

const isShallow = (value: unknown, depth: number): boolean =>
  depth <= DEEPEST && (typeof value !== 'object' || value === null || Object.values(value).every((one) => isShallow(one, depth + 1)));
