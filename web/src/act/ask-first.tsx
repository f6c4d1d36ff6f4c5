import { useRef } from 'preact/hooks';
import { Sentence } from '../ground/sentence.tsx';
import { plain } from '../ground/words.ts';
import { asked, send } from './acting.ts';
import { Dialog } from './dialog.tsx';

const PORT = /^[1-9]\d{0,4}$/;

/** The words an order needs, and the question before work could end. */
export function AskFirst() {
  const words = useRef<HTMLTextAreaElement & HTMLInputElement>(null);
  const wanted = asked.value;
  if (wanted === null) return null;
  const { act, task } = wanted;
  const close = (): void => {
    asked.value = null;
  };
  const doIt = (): void => {
    const text = words.current?.value.trim() ?? '';
    if (act.words?.needed === true && text === '') return words.current?.focus();
    const field = act.words?.field;
    if (field === 'port' && !PORT.test(text)) return words.current?.select();
    close();
    const said = field === undefined || text === '' ? {} : { [field]: field === 'port' ? Number(text) : text };
    void send(`tasks/${task.id}/${act.verb}`, { ...act.body, ...said }, `${act.name} ${task.id}`);
  };
  return (
    <Dialog key={`${act.name} ${task.id}`} title={`${act.name} ${task.id}?`} onClose={close}>
      <p dir="auto">{plain(task.title)}</p>
      {task.question !== null && (
        <p class="said" data-tone="blocked" dir="auto">
          <Sentence text={task.question} />
        </p>
      )}
      {act.ends !== null && <p class="cut">{act.ends}</p>}
      {act.words !== null && (
        <label for="words">
          {act.words.label}
          {act.words.field === 'port' ? (
            <input
              id="words"
              ref={words}
              class="palette-field"
              inputMode="numeric"
              placeholder="5173"
              maxLength={5}
              required
              onKeyDown={({ key }) => {
                if (key === 'Enter') doIt();
              }}
            />
          ) : (
            <textarea
              id="words"
              ref={words}
              rows={4}
              required={act.words.needed}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) doIt();
              }}
            />
          )}
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
