import { now } from '../../ground/clock.ts';
import { Mark } from '../../ground/mark.tsx';
import { Marked } from '../../ground/marked.tsx';
import { clockTime, plain, took } from '../../ground/words.ts';
import { marked } from './find/find.ts';
import { Given } from './given.tsx';
import { briefsOf, type Group, type Line, tookAll } from './groups.ts';
import { Pictures } from './pictures.tsx';
import { briefOf, type Call, inputOf, outputOf, type Said } from './rows.ts';
import { Text } from './text.tsx';
import { Whole } from './whole.tsx';

export interface StepProps {
  readonly row: Line;
  readonly open: boolean;
  readonly picked: boolean;
  readonly address: string;
  readonly task: string;
  readonly run: string | null;
  /** Its run lives: a call without a result goes on. */
  readonly live: boolean;
  readonly onToggle: () => void;
}

export function StepRow(props: StepProps) {
  const { row, picked, address } = props;
  return (
    <article class="step-body" data-kind={row.kind} data-error={row.isError} data-depth={Math.min(row.depth, 4)} data-picked={picked}>
      <a class="when number" href={address} title="Link to this step" aria-label={row.at === null ? 'Link to this step' : undefined}>
        {row.at === null ? '#' : clockTime(row.at)}
      </a>
      {row.kind === 'call' ? (
        <CallRow {...props} row={row} />
      ) : row.kind === 'group' ? (
        <GroupRow row={row} onToggle={props.onToggle} />
      ) : (
        <SaidRow {...props} row={row} />
      )}
    </article>
  );
}

function GroupRow({ row, onToggle }: { readonly row: Group; readonly onToggle: () => void }) {
  const time = tookAll(row);
  return (
    <div class="call">
      <button type="button" class="call-head" aria-expanded={row.open} onClick={onToggle}>
        <span class="chevron" aria-hidden="true" />
        <span class="tool">{plain(row.name)}</span>
        <span class="times number">{row.calls.length} times</span>
        <span class="brief" dir="auto">
          <Marked text={plain(briefsOf(row))} words={marked.value} />
        </span>
        <span class="took number">{time === null ? '' : took(time)}</span>
      </button>
    </div>
  );
}

function CallRow({ row, open, picked, live, task, run, onToggle }: StepProps & { readonly row: Call }) {
  const isOn = row.end === null && live;
  return (
    <div class="call">
      <button type="button" class="call-head" aria-expanded={open} onClick={onToggle}>
        <span class="chevron" aria-hidden="true" />
        <span class="tool">{plain(row.name)}</span>
        <span class="brief" dir="auto">
          <Marked text={plain(briefOf(row))} words={marked.value} />
        </span>
        {row.end !== null && row.end.pictures.length > 0 && <span class="cut">picture</span>}
        {row.isError && <Mark shape="failed" said="failed" />}
        <span class="took number">
          {row.took !== null
            ? took(row.took)
            : isOn && row.at !== null
              ? `${took(now.value - row.at)} …`
              : row.end === null
                ? 'no result'
                : ''}
        </span>
      </button>
      {row.isError && row.end !== null && !open && <Text text={outputOf(row.end)} kind="code" />}
      {open && (
        <div class="call-parts">
          {row.start !== null && (
            <Whole step={row.start} task={task} run={run} picked={picked}>
              {(step) => <Given input={inputOf(step)} picked={picked} />}
            </Whole>
          )}
          {row.end !== null && (
            <div>
              <Whole step={row.end} task={task} run={run} picked={picked}>
                {(step) => <Text text={outputOf(step) || 'nothing'} kind="code" picked={picked} />}
              </Whole>
              <Pictures step={row.end} task={task} run={run} />
            </div>
          )}
        </div>
      )}
    </div>
  );
}

const NAMES: Readonly<Record<Said['kind'], string>> = { agent: 'agent', thinking: 'thinks', person: 'told', note: '', end: 'turn ended' };

function SaidRow({ row: { kind, step, text, isError }, picked, task, run }: StepProps & { readonly row: Said }) {
  const what = step.kind.replaceAll('_', ' ');
  // `retry 1/2: …` says by itself what it is.
  const name = NAMES[kind] || (text.startsWith(what) ? '' : what);
  return (
    <div class="said-step">
      {kind !== 'agent' && (
        <span class="who">
          {isError && <Mark shape="failed" said="went wrong" />}
          {name}
        </span>
      )}
      {text !== '' && (
        <Whole step={step} task={task} run={run} picked={picked}>
          {(shown) => <Text text={shown === step ? text : shown.text} picked={picked} />}
        </Whole>
      )}
    </div>
  );
}
