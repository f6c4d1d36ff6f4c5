import { now } from '../ground/clock.ts';
import { Mark } from '../ground/mark.tsx';
import { clockTime, plain, took } from '../ground/words.ts';
import { briefOf, type Call, inputOf, outputOf, type Row, type Said } from './rows.ts';
import { Text } from './text.tsx';

export interface StepProps {
  readonly row: Row;
  readonly open: boolean;
  readonly picked: boolean;
  readonly address: string;
  /** Its run lives: a call without a result goes on. */
  readonly live: boolean;
  readonly onToggle: () => void;
}

export function StepRow(props: StepProps) {
  const { row, picked, address } = props;
  return (
    <article class="step-body" data-kind={row.kind} data-error={row.isError} data-depth={Math.min(row.depth, 4)} data-picked={picked}>
      {row.at === null ? (
        <span />
      ) : (
        <a class="when number" href={address} title="Link to this step">
          {clockTime(row.at)}
        </a>
      )}
      {row.kind === 'call' ? <CallRow {...props} row={row} /> : <SaidRow row={row} />}
    </article>
  );
}

function CallRow({ row, open, live, onToggle }: StepProps & { readonly row: Call }) {
  const isOn = row.end === null && live;
  return (
    <div class="call">
      <button type="button" class="call-head" aria-expanded={open} onClick={onToggle}>
        <span class="chevron" aria-hidden="true" />
        <span class="tool">{plain(row.name)}</span>
        <span class="brief" dir="auto">
          {plain(briefOf(row))}
        </span>
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
      {(open || row.isError) && row.end !== null && !open && <Text text={outputOf(row.end)} kind="code" />}
      {open && (
        <div class="call-parts">
          <Input row={row} />
          {row.end !== null && (
            <section aria-label="Result">
              <Text text={outputOf(row.end) || 'nothing'} kind="code" />
              {row.end.cut && <p class="cut">Shortened: the log has it whole.</p>}
            </section>
          )}
        </div>
      )}
    </div>
  );
}

function Input({ row: { start } }: { readonly row: Call }) {
  if (start === null) return null;
  const input = inputOf(start);
  const { old_string: before, new_string: after, content, command } = input;
  if (typeof before === 'string' && typeof after === 'string') return <Edit before={before} after={after} />;
  if (typeof content === 'string') return <Edit before="" after={content} />;
  if (typeof command === 'string') return <Text text={command} kind="code" />;
  const text = Object.entries(input)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}`)
    .join('\n');
  return text === '' ? null : <Text text={text} kind="code" />;
}

const MOST_LINES = 400;

/** What an edit takes away and puts there; lines that both have at the ends are left out. */
function Edit({ before, after }: { readonly before: string; readonly after: string }) {
  const [old, fresh] = [lines(before), lines(after)];
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < fresh.length - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const changed = [
    ...old.slice(Math.max(0, head - 2), head).map((text) => ({ sign: ' ', text })),
    ...old.slice(head, old.length - tail).map((text) => ({ sign: '-', text })),
    ...fresh.slice(head, fresh.length - tail).map((text) => ({ sign: '+', text })),
    ...fresh.slice(fresh.length - tail, fresh.length - tail + 2).map((text) => ({ sign: ' ', text })),
  ];
  return (
    <pre class="patch">
      {changed.slice(0, MOST_LINES).map(({ sign, text }, index) => (
        <span key={index} class="line" data-sign={sign}>{`${sign} ${plain(text)}\n`}</span>
      ))}
      {changed.length > MOST_LINES && <span class="line">{`… ${changed.length - MOST_LINES} lines more\n`}</span>}
    </pre>
  );
}

const lines = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

const NAMES: Readonly<Record<Said['kind'], string>> = { agent: 'agent', thinking: 'thinks', person: 'told', note: '', end: 'turn ended' };

function SaidRow({ row: { kind, step, text, isError } }: { readonly row: Said }) {
  const name = NAMES[kind] || step.kind.replaceAll('_', ' ');
  return (
    <div class="said-step">
      {kind !== 'agent' && (
        <span class="who">
          {isError && <Mark shape="failed" said="went wrong" />}
          {name}
        </span>
      )}
      {text !== '' && <Text text={text} />}
      {step.cut && <p class="cut">Shortened: the log has it whole.</p>}
    </div>
  );
}
