import type { Room } from '../room.ts';

/** Work on other machines. */
export const MACHINES: readonly Room[] = [
  {
    room: 'machines',
    what: 'other machines as places where runs are, and a runner’s answers',
    may: [
      ...[
        'adapters/git',
        'adapters/git/packs',
        'adapters/machine',
        'adapters/machines',
        'adapters/machines/copy',
        'adapters/machines/tables',
        'adapters/process/proc',
      ],
      ...['adapters/store/shapes', 'adapters/store/sqlite', 'compose', 'compose/fence', 'config', 'config/schema'],
      ...['core/limits', 'core/model', 'core/route', 'core/steer', 'core/tick', 'core/words'],
      ...['engine/act', 'engine/perform/step'],
      ...['engine/ports/', 'files', 'place', 'transcript/show'],
    ],
    libraries: ['node:crypto', 'node:fs', 'node:os', 'node:path'],
  },
  {
    room: 'machines/there',
    what: 'a runner: what it takes, answers and proves',
    may: [
      ...['adapters/git', 'adapters/machines', 'adapters/machines/tables', 'core/model', 'core/tick', 'core/words', 'engine/act'],
      ...['engine/perform/step', 'engine/ports/', 'files', 'machines/alone', 'machines/gone'],
    ],
    libraries: ['node:crypto', 'node:fs', 'node:path'],
  },
  {
    room: 'machines/gone',
    what: 'a machine that is gone for good, and one that comes back: its work goes on elsewhere',
    may: [
      ...['adapters/git', 'adapters/machines', 'adapters/machines/tables', 'core/model', 'core/words', 'engine/act', 'engine/perform/step'],
      ...['engine/ports/', 'machines/alone'],
    ],
  },
  {
    room: 'machines/standby',
    what: 'a coordinator that goes on where another one was: what is written goes to Postgres before anything follows from it',
    may: [
      ...[
        'adapters/machines',
        'adapters/machines/copy',
        'adapters/store/sqlite',
        'core/model',
        'core/words',
        'engine/ports/',
        'engine/tell',
        'engine/watch',
      ],
      ...['files', 'place'],
    ],
    libraries: ['node:timers'],
  },
  {
    room: 'machines/alone',
    what: 'what ends a run on a machine that nobody is heard on',
    may: [
      ...['adapters/store/shapes', 'core/model', 'core/tick', 'core/watch', 'core/words', 'engine/act', 'engine/perform/step'],
      ...['engine/ports/', 'files'],
    ],
    libraries: ['node:fs', 'node:path'],
  },
];
