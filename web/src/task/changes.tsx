import { useState } from 'preact/hooks';
import { useAsked } from '../ground/asked.ts';
import { plain, plural } from '../ground/words.ts';
import type { Diff } from '../link/contract.ts';
import { filesIn } from './patch.ts';

const MOST_LINES = 1500;

/** The branch's whole diff, file by file. */
export function Changes({ task, beat }: { readonly task: string; readonly beat: string }) {
  const answer = useAsked<Diff>(`tasks/${encodeURIComponent(task)}/diff`, beat);
  if (answer === null) return <p class="empty">Asking git …</p>;
  if (!answer.ok) return <p class="empty">{answer.why}</p>;
  const { files, patch, from, cut } = answer.value;
  if (files.length === 0) return <p class="empty">Nothing was changed.</p>;
  const patches = filesIn(patch);
  return (
    <div class="changes">
      <p class="cut">
        {plural(files.length, 'file')}, from the {from.kind} <code>{plain(from.name)}</code>
        {cut && '; cut, as it is very long'}
      </p>
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
    <section class="file">
      <h3>
        <button type="button" class="file-head" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span class="chevron" aria-hidden="true" />
          <span class="mono path">{plain(path)}</span>
          <span class="cut">{status}</span>
          <span class="grow" />
          {added !== null && <span class="plus number">+{added}</span>}
          {removed !== null && <span class="minus number">−{removed}</span>}
        </button>
      </h3>
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
