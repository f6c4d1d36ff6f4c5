import type { Task, TaskId } from '../../../../src/core/model/task.ts';
import { isRacer, rootOf } from '../../../../src/core/model/task.ts';
import type { Stage } from '../../stage.ts';
import { LOOKED_AT, type Sentence, sentence } from './sentences.ts';

/** Which task that is, and why it is not the chosen one. */
function racesIn({ contents }: Stage) {
  const find = (id = ''): Task | undefined => contents.tasks.get(id as TaskId);
  return {
    find,
    notChosen(id: string | undefined): string | null {
      const winner = find(rootOf((id ?? '') as TaskId))?.race?.winner;
      return winner === id ? null : `${winner ?? 'none'} was`;
    },
  };
}

/** What a line of the board says of attempts side by side, too. `before`: what stands before it there. */
export function raceNotes(stage: Stage, before = '^'): readonly Sentence[] {
  const { find, notChosen } = racesIn(stage);
  return [
    sentence(new RegExp(`${before}attempts side by side: ([^:;]+)$`), LOOKED_AT, ([, named = ''], { id, race }) => {
      const lost = named.split(', ').find((one) => find(one) === undefined || rootOf(one as TaskId) !== id);
      if (lost !== undefined) return `there is no ${lost}`;
      return race?.winner === undefined ? null : `${race.winner} was chosen`;
    }),
    sentence(new RegExp(`${before}(\\S+) was chosen of \\d+ attempts(?:: |$)`), LOOKED_AT, ([, id]) => notChosen(id)),
  ];
}

/** What is said of several attempts side by side, and what it rests on. */
export function raceSentences(stage: Stage): readonly Sentence[] {
  const { contents, kernel, repository } = stage;
  const { find, notChosen } = racesIn(stage);
  const worksNot = (id: string): boolean => ![...contents.runs.values()].some(({ task, state }) => task === id && state !== 'settled');
  return [
    ...raceNotes(stage),
    sentence(/^attempts side by side: (.*)$/, LOOKED_AT, ([, all = ''], { race }) => {
      if (race?.winner !== undefined) return `${race.winner} was chosen`;
      const idle = [...all.matchAll(/(\S+): at work/g)].map(([, one = '']) => one).find(worksNot);
      return idle === undefined ? null : `${idle} is not at work`;
    }),
    sentence(/^(\S+) was chosen: it is (\w+)/, LOOKED_AT, ([, id = '', state = '']) => {
      const is = find(id)?.state;
      return notChosen(id) ?? (state === (is === 'active' ? 'handed' : is) ? null : `it is ${is}`);
    }),
    sentence(/^(\S+) was chosen for /, LOOKED_AT, ([, id]) => notChosen(id)),
    sentence(/^chosen: (\S+): /, LOOKED_AT, ([, id]) => notChosen(id)),
    sentence(/^as many attempts side by side as there are agents: /, LOOKED_AT, (_, { race }) =>
      race === undefined ? null : 'they have begun',
    ),
    sentence(/^the agent is .*: (?:it is one of several attempts|no route fits)/, LOOKED_AT, ([all], { id }) =>
      all.endsWith('attempts') === isRacer(id) ? null : 'it is not so',
    ),
    sentence(
      /^done, and (\S+) was chosen for /,
      LOOKED_AT,
      ([, winner], { id }) => notChosen(winner) ?? (repository.pushed.has(id) ? 'it was pushed' : null),
    ),
    sentence(/^done: it waits for the other attempts at (\S+)/, LOOKED_AT, ([, root], { id }) => {
      const others = find(root)?.race?.racers.filter((one) => one !== id) ?? [];
      return others.some((one) => kernel.liveOf(one).length > 0 || find(one)?.state === 'pending' || find(one)?.state === 'active') ||
        find(root)?.state === 'failed'
        ? null
        : 'none of them works';
    }),
    sentence(/^(\S+) has not begun its attempts/, LOOKED_AT, ([, id]) => (find(id)?.race === undefined ? null : 'it has')),
    sentence(/^it is one of (\d+) attempts at (\S+)$/, LOOKED_AT, ([, n, id]) =>
      find(id)?.race?.racers.length === Number(n) ? null : 'there are not so many',
    ),
    sentence(/^(\d+) attempts were made side by side: /, LOOKED_AT, ([, n], { race }) =>
      race?.racers.length === Number(n) ? null : 'there were not so many',
    ),
  ];
}
