import * as z from 'zod/mini';
import { DEFAULT_KIND } from '../../agents/at-first.ts';
import type { Written } from '../../agents/ground/kind.ts';
import { KIND_NAMES, KNOWN } from '../../agents/known.ts';
import {
  choice,
  count,
  dollars,
  dollarsOrNone,
  duration,
  flag,
  integer,
  line,
  needed,
  optional,
  setting,
  variable,
  webAddress,
} from './fields.ts';

/** What each agent has to say of a setting, after its name. */
const each = (say: (written: Written, name: string) => string | null, between = ' '): string =>
  KIND_NAMES.flatMap((name) => say(KNOWN[name].written, name) ?? []).join(between);

const example = KNOWN[DEFAULT_KIND].written.program ?? 'my-agent';
const needsCommand = each(({ program }, name) => (program === null ? name : null), ', ');
const efforts = each(({ effort }, name) => (effort ? name : null), ', ');
const without = each(({ servers }, name) => (servers === 'no' ? name : null), ', ');
const trusting = each(({ servers }, name) => (servers === 'with repo_settings' ? name : null), ', ');
const environments = each(({ env }, name) => `${env.length === 0 ? 'none' : `[${env.join(', ')}]`} for ${name}`, ', ');

export const command = () =>
  z.array(line('an argument, as text'), `a list of arguments, such as [${example}]`).check(z.minLength(1, 'at least the program'));

/** Which agent works; all that depends on it comes from its own folder. */
export const agent = z.strictObject({
  kind: setting(
    choice(KIND_NAMES),
    DEFAULT_KIND,
    each(({ what }, name) => `${name}: ${what}`),
  ),
  command: optional(command(), `What to run: by default [${example}]; for kind ${needsCommand} the whole argv, with {{ placeholders }}.`),
  model: optional(line('the name of a model'), 'The model; by default the agent’s own.'),
  effort: optional(
    line('a word of the agent’s own, such as high', (text) => /^[a-z]{1,20}$/.test(text)),
    `How hard it thinks, in the agent’s own word; for ${efforts}.`,
  ),
  env: optional(
    z.array(variable(), 'a list of names of environment variables'),
    `Names of environment variables that the worker gets besides the base list; by default ${environments}.`,
  ),
  prices: setting(
    z.record(
      line('the name of a model, or its beginning and *'),
      z.strictObject({
        input: needed(dollarsOrNone(), 'For what goes in.'),
        output: needed(dollarsOrNone(), 'For what comes out.'),
        cached: optional(dollarsOrNone(), 'For what is read from the cache; by default a tenth of `input`.'),
      }),
    ),
    {},
    'Dollars for a million tokens, by the name of the model or its beginning and *, for what an agent has not said itself. Counted with ≈.',
  ),
  login: optional(
    line('a name of your own', (text) => /^(?!default$)[\w.-]{1,40}$/.test(text)),
    'Whose limits it has: agents of the same name share them. By default those of the same kind, command and env do.',
  ),
  mcp: setting(
    z.record(
      line('a name of letters, digits, - and _', (text) => /^[A-Za-z0-9][\w-]{0,39}$/.test(text)),
      z.union(
        [
          z.strictObject({
            command: needed(command(), 'The program and its arguments, spoken to on stdin and stdout.'),
            env: setting(z.array(variable(), 'a list of names of environment variables'), [], 'Names of variables that it gets.'),
          }),
          z.strictObject({
            url: needed(webAddress(), 'Its address.'),
            token_env: optional(variable(), 'Name of the variable with a token to send as Authorization: Bearer.'),
          }),
        ],
        'either command (and env) or url (and token_env)',
      ),
    ),
    {},
    `Tool servers (Model Context Protocol) that it is given, by names of your own: a program as { command: [docs-server], env: [DOCS_TOKEN] }, or an address as { url: "https://mcp.example/mcp", token_env: DOCS_TOKEN }. Not for kind ${without}; for ${trusting} with repo_settings alone.`,
  ),
  slots: optional(
    integer(1, 1000),
    'So many of its workers run at the same time, of `max_concurrent_workers`; by default as many as there are.',
  ),
  limits: optional(
    z.strictObject({
      run_time: optional(duration('1s'), 'Longest time of one run.'),
      turns: optional(count(), 'Turns per run.'),
      tokens: optional(count(), 'Tokens per task.'),
      usd_per_task: optional(dollars(), 'Dollars per task.'),
    }),
    'Limits of its own, in place of those of all.',
  ),
  repo_settings: setting(
    flag(),
    false,
    each(({ settings }, name) => (settings.repo_settings === undefined ? null : `${name}: ${settings.repo_settings}`)),
  ),
});
