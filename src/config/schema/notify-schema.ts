import * as z from 'zod/mini';
import { RULES } from '../../core/model/alert.ts';
import { choice, duration, line, needed, optional, setting, variable, webAddress } from './fields.ts';

/* The parts of tac8.yaml on who is told of what. */

const rules = () => z.array(choice(RULES), `a list of rules: ${RULES.join(', ')}`);

const channel = z.strictObject({
  name: optional(line('a name, such as ops'), 'The channel’s name in messages and for `tac8 notify test --to`; by default its kind.'),
  kind: needed(
    choice(['slack', 'discord', 'ntfy', 'webhook', 'command']),
    'slack, discord: an incoming webhook. ntfy: the address of a topic. webhook: JSON by POST. command: a program, JSON on its stdin.',
  ),
  url: optional(webAddress(), 'The address to send to.'),
  url_env: optional(variable(), 'Name of the environment variable that holds the address.'),
  token_env: optional(variable(), 'ntfy, webhook: name of the environment variable with a token to send as Authorization: Bearer.'),
  command: optional(
    z.array(line('an argument, as text'), 'a list of arguments, such as [./scripts/tell.sh]').check(z.minLength(1, 'at least the program')),
    'command: the program and its arguments, run in the repository’s root; no shell.',
  ),
  env: setting(
    z.array(variable(), 'a list of names of environment variables'),
    [],
    'command: names of environment variables that it gets besides PATH and LANG.',
  ),
  time_limit: setting(duration('100ms'), '10s', 'How long one attempt to send may take.'),
  rules: optional(rules(), 'The rules that it is told of; by default all.'),
});

export const notify = () => setting(z.array(channel, 'a list of places'), [], 'Channels that tac8 tells when a person is needed.');

export const alerts = () =>
  setting(
    z.strictObject({
      off: setting(rules(), [], 'Rules that are switched off.'),
      github_down: setting(duration('0s'), '5m', 'How long GitHub may be silent before people are told.'),
      daemon_down: setting(duration('0s'), '5m', 'How long the daemon may be away before people are told when it starts again.'),
      stuck: setting(duration('1s'), '10m', 'How long all workers may be silent before people are told.'),
      temperature: setting(z.number('degrees Celsius, such as 80'), 80, 'People are told when a sensor reaches so many degrees Celsius.'),
      sustained: setting(duration('0s'), '1m', 'How long memory has to be short, or a sensor hot, before people are told.'),
      ping_url: optional(
        webAddress(),
        'An address that tac8 requests regularly while the daemon works, so that a monitoring service notices when it stops.',
      ),
      ping_url_env: optional(variable(), 'Name of the environment variable that holds that address.'),
      ping_every: setting(duration('1s'), '1m', 'How often tac8 requests that address.'),
    }),
    {},
    'What tac8 tells people about, and when.',
  );
