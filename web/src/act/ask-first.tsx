import { useRef } from 'preact/hooks';
import { plain } from '../ground/words.ts';
import { asked, send } from './acting.ts';
import { Dialog } from './dialog.tsx';

/** The words an order needs, and the question before work could end. */
export function AskFirst() {
  const words = useRef<HTMLTextAreaElement>(null);
  const wanted = asked.value;
  if (wanted === null) return null;
  const { act, task } = wanted;
  const close = (): void => {
    asked.value = null;
  };
  const doIt = (): void => {
    const text = words.current?.value.trim() ?? '';
    if (act.words?.needed === true && text === '') return words.current?.focus();
    close();
    const said = act.words === null || text === '' ? {} : { [act.words.field]: text };
    void send(`tasks/${task.id}/${act.verb}`, { ...act.body, ...said }, `${act.name} ${task.id}`);
  };
  return (
    <Dialog key={`${act.name} ${task.id}`} title={`${act.name} ${task.id}?`} onClose={close}>
      <p dir="auto">{plain(task.title)}</p>
      {task.question !== null && (
        <p class="said" data-tone="blocked" dir="auto">
          {plain(task.question)}
        </p>
      )}
      {act.ends !== null && <p class="cut">{act.ends}</p>}
      {act.words !== null && (
        <label>
          {act.words.label}
          <textarea
            ref={words}
            rows={4}
            required={act.words.needed}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) doIt();
            }}
          />
        </label>
      )}
      <div class="dialog-foot">
        <button type="button" class="button" onClick={close}>
          Leave it
        </button>
        <button type="button" class="button" data-kind={act.ends === null ? 'main' : 'danger'} onClick={doIt}>
          {act.name}
        </button>
      </div>
    </Dialog>
  );
}
