import { useSignal } from '@preact/signals';
import { useRef, useState } from 'preact/hooks';
import { useAsked } from '../ground/asked.ts';
import { useKeys } from '../ground/keys.ts';
import { plain, plural } from '../ground/words.ts';
import type { Diff } from '../link/contract.ts';
import { go, taskAddress } from '../link/route.ts';
import { whoWrote } from './glance/wrote.ts';
import { filesIn } from './patch.ts';

const MOST_LINES = 1500;
const ADDED = '.line[data-sign="+"]';

/** The branch's whole diff, file by file. */
export function Changes({ task, beat }: { readonly task: string; readonly beat: string }) {
  const answer = useAsked<Diff>(`tasks/${encodeURIComponent(task)}/diff`, beat);
  const picked = useSignal<HTMLElement | null>(null);
  const said = useSignal('');
  const all = useRef<HTMLDivElement>(null);
  const pick = (line: HTMLElement | undefined): void => {
    if (line === undefined) return;
    picked.peek()?.removeAttribute('data-picked');
    line.setAttribute('data-picked', 'true');
    line.scrollIntoView({ block: 'nearest' });
    picked.value = line;
  };
  const move = (by: 1 | -1): void => {
    const lines = [...(all.current?.querySelectorAll<HTMLElement>(ADDED) ?? [])];
    const index = picked.peek() === null ? -1 : lines.indexOf(picked.peek() as HTMLElement);
    pick(lines[index === -1 ? 0 : index + by]);
  };
  /** To the step that wrote the line that is picked. */
  const trace = async (): Promise<void> => {
    const line = picked.peek();
    const path = line?.closest<HTMLElement>('[data-path]')?.dataset.path;
    if (line === null || path === undefined) return;
    said.value = 'Looking for the step that wrote it …';
    const text = (line.textContent ?? '').slice(1).replace(/\n$/, '');
    const found = await whoWrote(task, path, text);
    if (picked.peek() !== line) return;
    said.value = found === null ? 'No edit that the logs tell of wrote this line; a command may have.' : '';
    if (found !== null) go(taskAddress(task, { run: found.run, at: `${found.offset}.${found.part}`, find: text.trim().slice(0, 200) }));
  };
  useKeys({ j: () => move(1), k: () => move(-1), Enter: () => void trace() });
  if (answer === null)
    return (
      <p class="empty" key="looking">
        Asking git …
      </p>
    );
  if (!answer.ok) return <p class="empty">{answer.why}</p>;
  const { files, patch, from, cut } = answer.value;
  if (files.length === 0) return <p class="empty">Nothing was changed.</p>;
  const patches = filesIn(patch);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys j, k and Enter do the same
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div
      class="changes"
      ref={all}
      onClick={({ target }) => {
        const line = target instanceof Element ? target.closest<HTMLElement>(ADDED) : null;
        if (line === null || String(getSelection()) !== '') return;
        pick(line);
        void trace();
      }}
    >
      <p class="cut">
        {plural(files.length, 'file')}, from the {from.kind} <code>{plain(from.name)}</code>
        {cut && '; cut, as it is very long'}. A line that was added leads to the step that wrote it: a click, or <kbd>j</kbd> <kbd>k</kbd>{' '}
        <kbd>Enter</kbd>.
      </p>
      <output class="traced">{said.value}</output>
      {files.map(({ path, status, added, removed }) => (
        <File key={path} path={path} status={status} added={added} removed={removed} lines={patches.get(path) ?? []} />
      ))}
    </div>
  );
}

interface FileProps {
  readonly path: string;
  readonly status: string;
  readonly added: number | null;
  readonly removed: number | null;
  readonly lines: readonly string[];
}

function File({ path, status, added, removed, lines }: FileProps) {
  const [open, setOpen] = useState(lines.length < 400);
  return (
    <section class="file" data-path={path}>
      <h2>
        <button type="button" class="file-head" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span class="chevron" aria-hidden="true" />
          <span class="mono path">{plain(path)}</span>
          <span class="cut">{status}</span>
          <span class="grow" />
          {added !== null && <span class="plus number">+{added}</span>}
          {removed !== null && <span class="minus number">−{removed}</span>}
        </button>
      </h2>
      {open && (
        <pre class="patch">
          {lines.slice(0, MOST_LINES).map((line, index) => (
            <span key={index} class="line" data-sign={line.startsWith('@@') ? '@' : line.slice(0, 1)}>{`${plain(line)}\n`}</span>
          ))}
          {lines.length > MOST_LINES && <span class="line">{`… ${lines.length - MOST_LINES} lines more\n`}</span>}
        </pre>
      )}
    </section>
  );
}
