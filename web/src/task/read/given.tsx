import { Marked } from '../../ground/marked.tsx';
import { plain } from '../../ground/words.ts';
import { type Edit, editsOf, linesOf } from './edits.ts';
import { marked } from './find/find.ts';
import { Text } from './text.tsx';

/** What a call was given: its edits as they change a file, a command as it is, else each parameter. */
export function Given({ input, picked }: { readonly input: Readonly<Record<string, unknown>>; readonly picked: boolean }) {
  const edits = editsOf(input);
  if (edits.length > 0) return edits.map((edit, index) => <EditLines key={index} edit={edit} />);
  if (typeof input.command === 'string') return <Text text={input.command} kind="code" picked={picked} />;
  const text = Object.entries(input)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value, null, 2)}`)
    .join('\n');
  return text === '' ? null : <Text text={text} kind="code" picked={picked} />;
}

const MOST_LINES = 400;

function EditLines({ edit }: { readonly edit: Edit }) {
  const lines = linesOf(edit);
  const [more, less] = ['+', '-'].map((wanted) => lines.filter(({ sign }) => sign === wanted).length);
  return (
    <div class="edit">
      {edit.path !== null && (
        <p class="edit-head">
          <span class="mono path">{plain(edit.path)}</span> <span class="plus number">+{more}</span>{' '}
          <span class="minus number">−{less}</span>
        </p>
      )}
      <pre class="patch">
        {lines.slice(0, MOST_LINES).map(({ sign, text }, index) => (
          <span key={index} class="line" data-sign={sign}>
            {`${sign} `}
            <Marked text={plain(text)} words={marked.value} />
            {'\n'}
          </span>
        ))}
        {lines.length > MOST_LINES && <span class="line">{`… ${lines.length - MOST_LINES} lines more\n`}</span>}
      </pre>
    </div>
  );
}
