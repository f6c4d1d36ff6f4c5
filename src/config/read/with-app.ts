import { isMap, isScalar, parseDocument } from 'yaml';

/** The text of `tac8.yaml` with this App in it, every other character as it is. Null: it is written in a way that a person has to change. */
export function withApp(text: string, app: number): string | null {
  const doc = parseDocument(text, { prettyErrors: false });
  if (doc.errors.length > 0 || !(doc.contents === null || isMap(doc.contents))) return null;
  const github = doc.get('github', true);
  if (github === undefined) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}github:\n  app: ${app}\n`;
  if (!isMap(github) || github.flow === true) return null;
  const before = github.get('app', true);
  if (isScalar(before) && before.range) return `${text.slice(0, before.range[0])}${app}${text.slice(before.range[1])}`;
  const first = github.items[0]?.key;
  if (!isScalar(first) || !first.range) return null;
  const at = text.lastIndexOf('\n', first.range[0]) + 1;
  return `${text.slice(0, at)}${text.slice(at, first.range[0])}app: ${app}\n${text.slice(at)}`;
}
