import type { Room } from '../room.ts';

/** What the daemon serves over HTTP, and each part of it. */
export const SERVED: readonly Room[] = [
  {
    room: 'http',
    what: 'what the daemon serves: the page, its API, `/metrics`, `/healthz`',
    may: [
      'api',
      'api/openapi',
      'config',
      'core/limits',
      'core/model',
      'core/words',
      'files',
      'engine/ports/',
      'transcript/outline',
      'transcript/read',
    ],
    libraries: ['@hono/node-server', 'hono', 'node:crypto', 'node:events', 'node:fs', 'node:http', 'node:path'],
  },
  { room: 'http/site', what: 'the page’s own files, and the link that lets a browser in', libraries: ['node:zlib'] },
  {
    room: 'http/streams',
    what: 'what is sent as it happens: the fleet’s changes, a transcript',
    beside: true,
    may: ['api', 'transcript/facts', 'transcript/read'],
  },
  {
    room: 'http/routes',
    what: 'the addresses below `/api/v1`, a file per subject; `desk.ts` is what they stand on',
    may: [
      'api',
      'api/desk',
      'read',
      'read/history',
      'agents/words',
      'transcript/read',
      'transcript/facts',
      'transcript/outline',
      'transcript/pictures',
    ],
    libraries: ['node:timers', 'zod'],
  },
  {
    room: 'http/preview',
    what: 'a door for a person’s browser to a server that a worker has started',
    libraries: ['node:net', 'node:stream'],
  },
  {
    room: 'http/kept',
    what: 'long logs in short: looked through while they grow, and kept on disk',
    may: ['transcript/outline', 'transcript/read'],
    libraries: ['zod'],
  },
  {
    room: 'http/neighbours',
    what: 'this person’s other daemons on this machine: known by a file each, asked over HTTP',
    may: ['api', 'api/desk'],
    libraries: ['zod'],
  },
  {
    room: 'http/webhooks',
    what: 'what GitHub sends: signed, kept, each once; it makes the next look come at once',
  },
  { room: 'http/guard', what: 'who is let in, and how many of them: names, token, rates, connections', libraries: ['node:net'] },
  { room: 'http/metrics', what: '`figures.ts` has every name', libraries: ['prom-client'], may: ['read', 'read/refused', 'engine/tell'] },
];
