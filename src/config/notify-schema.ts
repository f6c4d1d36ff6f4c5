import { z } from 'zod';
import { RULES } from '../core/alerts/alert.ts';
import { choice, duration, line, variable, webAddress } from './fields.ts';

/* The parts of tac8.yaml on who is told of what. */

const rules = () => z.array(choice(RULES), `a list of rules: ${RULES.join(', ')}`);

const channel = z.strictObject({
  name: line('a name, such as ops')
    .optional()
    .describe('What it is called in messages and by `tac8 notify test --to`; by default its kind.'),
  kind: choice(['slack', 'discord', 'ntfy', 'webhook', 'command']).describe(
    'slack, discord: an incoming webhook. ntfy: the address of a topic. webhook: JSON by POST. command: a program, JSON on its stdin.',
  ),
  url: webAddress().optional().describe('Where to send to.'),
  url_env: variable().optional().describe('Name of the environment variable that holds the address.'),
  token_env: variable()
    .optional()
    .describe('ntfy, webhook: name of the environment variable with a token to send as Authorization: Bearer.'),
  command: z
    .array(line('an argument, as text'), 'a list of arguments, such as [./scripts/tell.sh]')
    .min(1, 'at least the program')
    .optional()
    .describe('command: the program and its arguments, run in the repository’s root; no shell.'),
  env: z
    .array(variable(), 'a list of names of environment variables')
    .prefault([])
    .describe('command: names of environment variables that it gets besides PATH and LANG.'),
  time_limit: duration('100ms').prefault('10s').describe('For one try.'),
  rules: rules().optional().describe('Of what it is told; by default of everything.'),
});

export const notify = () => z.array(channel, 'a list of places').prefault([]).describe('Who is told when a person is needed.');

export const alerts = () =>
  z
    .strictObject({
      off: rules().prefault([]).describe('Rules that nobody wants.'),
      github_down: duration('0s').prefault('5m').describe('How long GitHub may not answer.'),
      daemon_down: duration('0s').prefault('5m').describe('How long the daemon may have been away when it starts again.'),
      stuck: duration('1s').prefault('10m').describe('How long all workers may say nothing.'),
      temperature: z.number('degrees Celsius, such as 80').prefault(80).describe('Degrees Celsius that no sensor may reach.'),
      sustained: duration('0s').prefault('1m').describe('How long memory has to be short, or a sensor hot, before it is told.'),
      ping_url: webAddress()
        .optional()
        .describe('Asked now and then while the daemon works, so that somebody else notices when it does not.'),
      ping_url_env: variable().optional().describe('Name of the environment variable that holds that address.'),
      ping_every: duration('1s').prefault('1m').describe('How often.'),
    })
    .prefault({})
    .describe('Of what people are told, and when.');
