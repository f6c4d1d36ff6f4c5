import { Mark, type Shape } from '../ground/mark.tsx';
import { plain, plural } from '../ground/words.ts';
import type { TaskRow } from '../link/contract.ts';

type Shown = NonNullable<TaskRow['evidence']>;
type Item = readonly [shape: Shape, text: string];

/** What shows that the work is done, without anybody's word: each with its own mark. */
export function Evidence({ evidence }: { readonly evidence: Shown }) {
  return (
    <ul class="evidence" aria-label="What shows that it is done">
      {itemsOf(evidence).map(([shape, text]) => (
        <li key={text}>
          <Mark shape={shape} said={SAID[shape] ?? 'not known'} /> {plain(text)}
        </li>
      ))}
    </ul>
  );
}

const SAID: Partial<Record<Shape, string>> = { completed: 'good', failed: 'bad' };

export function itemsOf({ heads_agree: agree, tests, checks, files, left_out: left }: Shown): readonly Item[] {
  const items: (Item | null)[] = [
    agree === null ? null : agree ? ['completed', 'one commit in worktree, push and pull'] : ['failed', 'worktree, push and pull differ'],
    tests === null ? ['idle', 'no tests were seen to run'] : testItem(tests),
    checks === null || checks === 'none' ? null : [CHECKS[checks], `checks ${checks}`],
    files === null ? null : ['completed', plural(files, 'file')],
    left.length === 0 ? null : ['failed', `in no commit: ${left.join(', ')}`],
  ];
  return items.filter((item) => item !== null);
}

const CHECKS = { passed: 'completed', failing: 'failed', running: 'pending', unknown: 'idle' } as const;

function testItem({ command, after_last_change: isAfter, passed }: NonNullable<Shown['tests']>): Item {
  const ended = passed === null ? 'ended, nobody can say how' : passed ? 'passed' : 'failed';
  const shape = passed === false || !isAfter ? 'failed' : passed === null ? 'idle' : 'completed';
  return [shape, `${command} ${ended}${isAfter ? ', after the last change' : ', before the last change'}`];
}
