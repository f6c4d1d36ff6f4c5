import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../core/words/message-of.ts';
import { readPlainSync } from '../../files/open-plain.ts';
import { type Checked, configSchema } from '../schema/schema.ts';
import { type Settings, toSettings } from '../settings.ts';
import { type Environment, expand } from './environment.ts';
import { CONFIG_FILE } from './file.ts';
import { type ConfigPath, type ConfigProblem, type Finding, findings, pathText } from './problems.ts';
import { checkRules } from './rules.ts';
import { parseSource } from './source.ts';

export type Loaded =
  | { readonly ok: true; readonly config: Settings /** The same by the names of the file. */; readonly written: Checked }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Bytes; what is longer than the parser takes is told of by it. */
const MOST = 1 << 20;

/** Reads `tac8.yaml` in the repository's root. No file means the defaults; otherwise every problem at once. Never throws. */
export function loadConfig(root: string, env: Environment): Loaded {
  const path = join(root, CONFIG_FILE);
  let text = '';
  try {
    text = readPlainSync(path, MOST);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing) return failed([{ path: '', line: null, column: null, message: `cannot be read: ${messageOf(error)}` }]);
    if (existsSync(join(root, 'tac8.yml'))) {
      return failed([{ path: '', line: null, column: null, message: 'is not there, but tac8.yml is: rename it to tac8.yaml' }]);
    }
  }
  return parseConfig(text, env);
}

/** The same for a text. */
export function parseConfig(text: string, env: Environment): Loaded {
  try {
    return parseText(text, env);
  } catch (error) {
    // The stack has run over: nobody writes settings that deep.
    if (!(error instanceof RangeError)) throw error;
    return failed([{ path: '', line: null, column: null, message: 'is nested too deeply' }]);
  }
}

function parseText(text: string, env: Environment): Loaded {
  const source = parseSource(text);
  if (source.problems.length > 0) return failed(source.problems);
  const raw = source.value ?? {};
  if (typeof raw !== 'object' || Array.isArray(raw)) {
    return failed([{ path: '', line: 1, column: 1, message: 'settings are written as `name: value`, one below the other' }]);
  }
  const expanded = expand(raw, env);
  const value = numbersFromText(expanded.value, expanded.fromEnvironment);
  const written = (path: ConfigPath): unknown => expanded.fromEnvironment.get(JSON.stringify(path)) ?? at(value, path);
  const checked = check(value);
  const unset = new Set(expanded.findings.map(({ path }) => pathText(path)));
  const wrong = checked.success ? [] : findings(checked.error.issues, written).filter(({ path }) => !unset.has(pathText(path)));
  const found: Finding[] = [...expanded.findings, ...wrong];
  const sound = checked.success ? checked.data : soundSections(value);
  const unsound = new Set(found.map(({ path }) => path[0]));
  found.push(...checkRules(sound, env).filter(({ path }) => !unsound.has(path[0])));
  if (checked.success && found.length === 0) return { ok: true, config: toSettings(checked.data), written: checked.data };
  const problems = found.map(({ path, message }) => ({ path: pathText(path), ...source.locate(path), message }));
  return failed(problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)));
}

/** One file is checked once: compiling the schema first would take longer than the check. */
const check = (value: unknown) => configSchema.safeParse(value, { jitless: true });

const failed = (problems: readonly ConfigProblem[]): Loaded => ({ ok: false, problems });

const at = (value: unknown, path: ConfigPath): unknown =>
  path.reduce<unknown>((node, step) => (typeof node === 'object' && node !== null ? Reflect.get(node, step) : undefined), value);

/** The environment knows only text: where a number or a yes-or-no is wanted, a text that reads as one is one. */
function numbersFromText(value: unknown, fromEnvironment: ReadonlyMap<string, string>): unknown {
  if (fromEnvironment.size === 0) return value;
  const issues = check(value).error?.issues ?? [];
  for (const { path } of issues) {
    const steps = path.map((step) => (typeof step === 'number' ? step : String(step)));
    const text = at(value, steps);
    if (typeof text !== 'string' || !fromEnvironment.has(JSON.stringify(steps))) continue;
    const read = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text === 'true' ? true : text === 'false' ? false : text;
    const around = at(value, steps.slice(0, -1));
    const last = steps.at(-1);
    if (typeof around === 'object' && around !== null && last !== undefined) Reflect.set(around, last, read);
  }
  return value;
}

/** Sections that are right as they are written, the defaults for the others: what the rules between settings can look at. */
function soundSections(value: unknown): Checked {
  const entries = Object.entries(value as object).filter(([name, section]) => check({ [name]: section }).success);
  return configSchema.parse(Object.fromEntries(entries));
}
