/** One line of a page, its labels unescaped. */
export interface Line {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface FamilySeen {
  readonly type: string;
  readonly help: string;
  readonly lines: readonly Line[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$|^[+-]?Inf$|^NaN$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/**
 * Reads a page in Prometheus' text format 0.0.4 as strictly as its description allows, with nothing of the library that wrote it.
 * Throws at the first line that a scraper could stumble over: HELP and TYPE once and before their values, all values of a family together,
 * names and escapes, no series twice, buckets that add up.
 */
export function readPage(text: string): ReadonlyMap<string, FamilySeen> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { type: string | null; help: string | null; lines: Line[] }>();
  const series = new Set<string>();
  let current: string | null = null;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment) {
      const [, kind = '', name = '', rest = ''] = comment;
      if (!NAME.test(name)) throw new Error(`no name: ${line}`);
      if (name !== current && families.has(name)) throw new Error(`${name} is torn apart: ${line}`);
      current = name;
      const family = families.get(name) ?? { type: null, help: null, lines: [] };
      families.set(name, family);
      if (kind === 'HELP') {
        if (family.help !== null) throw new Error(`HELP twice: ${line}`);
        family.help = plain(rest, /\\(\\|n)/);
      } else {
        if (family.type !== null || family.lines.length > 0) throw new Error(`TYPE twice or too late: ${line}`);
        if (!['counter', 'gauge', 'histogram', 'summary', 'untyped'].includes(rest)) throw new Error(`no type: ${line}`);
        family.type = rest;
      }
      continue;
    }
    if (line.startsWith('#')) throw new Error(`a comment that is neither HELP nor TYPE: ${line}`);
    const found = readLine(line);
    const family = families.get(current ?? '');
    if (current === null || family?.type == null || family.help === null) throw new Error(`a value without HELP and TYPE: ${line}`);
    const names = (SUFFIXES[family.type] ?? ['']).map((suffix) => `${current}${suffix}`);
    if (!names.includes(found.name)) throw new Error(`${found.name} stands among the values of ${current}`);
    const key = `${found.name} ${JSON.stringify(Object.entries(found.labels).toSorted())}`;
    if (series.has(key)) throw new Error(`twice: ${line}`);
    series.add(key);
    family.lines.push(found);
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families as ReadonlyMap<string, FamilySeen>;
}

function readLine(line: string): Line {
  const head = /^([^\s{]+)(\{)?/.exec(line);
  const name = head?.[1] ?? '';
  if (!NAME.test(name)) throw new Error(`no name: ${line}`);
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (head?.[2] !== undefined) {
    rest = rest.slice(1);
    while (!rest.startsWith('}')) {
      const pair = /^([^=,}]+)="((?:[^"\\\n]|\\["\\n])*)"(,(?=[^}])|(?=\}))/.exec(rest);
      const [all = '', label = '', value = ''] = pair ?? [];
      if (pair === null || !LABEL.test(label) || label.startsWith('__')) throw new Error(`no label: ${rest} in ${line}`);
      if (label in labels) throw new Error(`the label ${label} twice: ${line}`);
      labels[label] = plain(value, /\\(["\\n])/);
      rest = rest.slice(all.length);
    }
    rest = rest.slice(1);
  }
  const value = /^ (\S+)$/.exec(rest)?.[1] ?? '';
  if (!NUMBER.test(value)) throw new Error(`no value: ${line}`);
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

const plain = (text: string, escaped: RegExp): string =>
  text.replaceAll(new RegExp(escaped, 'g'), (_, char: string) => (char === 'n' ? '\n' : char));

function checkFamily(name: string, { type, help, lines }: { type: string | null; help: string | null; lines: readonly Line[] }): void {
  if (type === null || help === null || help === '') throw new Error(`${name} has no TYPE or no HELP`);
  if (type === 'counter') {
    if (!name.endsWith('_total')) throw new Error(`the counter ${name} does not end in _total`);
    const bad = lines.find(({ value }) => !(value >= 0));
    if (bad) throw new Error(`${name} counts ${bad.value}`);
  }
  if (type === 'gauge' && /_(total|count|sum|bucket)$/.test(name)) throw new Error(`the gauge ${name} has a counter's name`);
  if (type === 'histogram') checkHistogram(name, lines);
}

function checkHistogram(name: string, lines: readonly Line[]): void {
  const bare = ({ labels: { le: _, ...rest } }: Line): string => JSON.stringify(Object.entries(rest).toSorted());
  for (const [key, group] of Map.groupBy(lines, bare)) {
    const of = (suffix: string): readonly Line[] => group.filter((line) => line.name === `${name}${suffix}`);
    const buckets = of('_bucket').map(({ labels, value }) => ({ le: Number((labels.le ?? '').replace('Inf', 'Infinity')), value }));
    const sorted = buckets.every(
      ({ le, value }, n) => n === 0 || (le > (buckets[n - 1]?.le ?? 0) && value >= (buckets[n - 1]?.value ?? 0)),
    );
    const [count] = of('_count');
    if (!sorted || buckets.at(-1)?.le !== Number.POSITIVE_INFINITY || of('_sum').length !== 1 || count?.value !== buckets.at(-1)?.value)
      throw new Error(`the buckets of ${name}${key} do not add up`);
  }
}
