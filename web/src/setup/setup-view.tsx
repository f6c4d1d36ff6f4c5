import { useState } from 'preact/hooks';
import { useAsked } from '../ground/asked.ts';
import { Mark, type Shape } from '../ground/mark.tsx';
import { Sentence } from '../ground/sentence.tsx';
import { plain, plural } from '../ground/words.ts';
import type { Setup } from '../link/contract.ts';

type Finding = Setup['findings'][number];
const SHAPES: Readonly<Record<Finding['level'], readonly [Shape, string]>> = {
  ok: ['completed', 'as it should be'],
  warn: ['blocked', 'to be looked at'],
  bad: ['failed', 'a problem'],
  unknown: ['idle', 'could not be checked'],
};
const FIRST: readonly Finding['level'][] = ['bad', 'warn', 'unknown', 'ok'];

/** Whether all is in place, with what to do; and the settings in force, with where each comes from. */
export function SetupView() {
  const [look, setLook] = useState(0);
  const [isAll, setAll] = useState(false);
  const answer = useAsked<Setup>('setup', String(look), 60_000);
  if (answer === null) return <p class="empty">Looking at everything …</p>;
  if (!answer.ok) return <p class="empty">{answer.why}</p>;
  const { findings, settings, problems, waiting } = answer.value;
  const sorted = FIRST.flatMap((level) => findings.filter((one) => one.level === level));
  const defaults = settings.filter(({ from }) => from === 'default').length;
  const shown = settings.filter(({ from }) => isAll || from !== 'default');
  return (
    <div class="setup">
      <div class="board-head">
        <h1>Setup</h1>
        <span class="cut">what tac8 doctor finds</span>
        <span class="grow" />
        <button type="button" class="button" onClick={() => setLook(look + 1)}>
          Look again
        </button>
      </div>
      <ul class="rows findings" aria-label="Findings">
        {sorted.map((one, index) => (
          <li key={index} data-level={one.level}>
            <Mark shape={SHAPES[one.level][0]} said={SHAPES[one.level][1]} />
            <div>
              <p>
                <b>{one.check}</b> <Sentence text={one.says} />
              </p>
              {one.level !== 'ok' && (
                <p class="cut">
                  <Sentence text={one.why} />
                </p>
              )}
              {one.mend !== null && (
                <p class="mend">
                  → <Sentence text={one.mend} />
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
      <div class="board-head">
        <h2>Settings</h2>
        <span class="cut">read only; tac8.yaml is where they are changed</span>
        <span class="grow" />
        {defaults > 0 && (
          <button type="button" class="button" aria-pressed={isAll} onClick={() => setAll(!isAll)}>
            {isAll ? 'Only what is set' : `With ${plural(defaults, 'default')}`}
          </button>
        )}
      </div>
      {problems.map((words) => (
        <pre key={words} class="board-said" data-tone="bad">
          {plain(words)}
        </pre>
      ))}
      {waiting !== null && (
        <p class="board-said" data-tone="bad">
          {plain(waiting)}
        </p>
      )}
      {shown.length > 0 && (
        <ul class="rows settings" aria-label="Settings">
          {shown.map(({ path, value, from, line, about }) => (
            <li key={path}>
              <p>
                <b class="mono">{path}</b> <span class="mono value">{plain(value)}</span>
              </p>
              <p class="cut">
                {from}
                {line !== null && `, line ${line}`}. <Sentence text={about} />
              </p>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
