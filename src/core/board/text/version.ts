/*
 * Which version of the file a text is, or came from: the time in its "Last updated" line. Several versions of one second are told
 * apart by a comment behind the time: `<!-- 2 -->`. A version that had to be written again because somebody saved in the same instant
 * is a revision, `<!-- 2.3 -->`: the same facts of the daemon, more words of people.
 */

/** The line with the time is looked for in this many lines from the top. */
export const STAMP_WITHIN = 200;
const STAMP = /^\ufeff?\*\*Last updated:\*\*[ \t]*(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: <!-- \d+(?:\.\d+)? -->)?)/;
/** The time, and a count where several versions were written in one second; null for another line. */
export const stampOf = (line: string): string | null => (line.includes('**Last') ? (STAMP.exec(line)?.[1] ?? null) : null);

/** The version that stands in a text; null where a person took the line out. */
export const versionOf = (text: string): string | null => find(text)?.version ?? null;

/** The version, and where it starts. */
function find(text: string): { readonly version: string; readonly at: number } | null {
  let from = 0;
  for (let count = 0; count < STAMP_WITHIN && from < text.length; count += 1) {
    const end = text.indexOf('\n', from);
    const next = end === -1 ? text.length : end + 1;
    const line = text.slice(from, next);
    const version = stampOf(line);
    if (version !== null) return { version, at: from + line.indexOf(version) };
    from = next;
  }
  return null;
}

const PARTS = /^(\S+ \S+?)(?: <!-- (\d+)(?:\.(\d+))? -->)?$/;

/** The version without its revision: texts of one generation hold the same facts of the daemon. */
export function generationOf(text: string | null): string | null {
  const [, time, count = '1'] = PARTS.exec((text === null ? null : versionOf(text)) ?? '') ?? [];
  return time === undefined ? null : `${time} #${count}`;
}

/** The first free version at this time. `taken`: whether a text of that version is known. */
export function nextVersion(time: string, taken: (version: string) => boolean): string {
  let version = time;
  for (let count = 2; taken(version); count += 1) version = `${time} <!-- ${count} -->`;
  return version;
}

export function withVersion(text: string, version: string): string {
  const found = find(text);
  return found === null ? text : text.slice(0, found.at) + version + text.slice(found.at + found.version.length);
}

/** The text as the next free revision of its version. */
export function asRevision(text: string, taken: (version: string) => boolean): string {
  const [, time, count = '1', last = '0'] = PARTS.exec(versionOf(text) ?? '') ?? [];
  if (time === undefined) return text;
  for (let revision = Number(last) + 1; ; revision += 1) {
    const version = `${time} <!-- ${count}.${revision} -->`;
    if (!taken(version)) return withVersion(text, version);
  }
}
