import { now } from '../ground/clock.ts';
import { bytes, plain, span } from '../ground/words.ts';
import type { State } from '../link/contract.ts';

type Machine = State['machines'][number];

/** The machines that work for this one; nothing where it does all the work itself. */
export function Machines({ machines }: Pick<State, 'machines'>) {
  // The age of a word is told anew each second.
  void now.value;
  if (machines.length === 0) return null;
  return (
    <section class="group" aria-label="Machines">
      <h2>
        Machines <span class="count">{machines.length}</span>
      </h2>
      <ul class="rows repositories">
        {machines.map((one) => (
          <li key={one.name}>
            <div>
              <b>{plain(one.name)}</b> <span class="cut">{one.labels.map(plain).join(', ')}</span>
            </div>
            <p class="number">{saidOf(one)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function saidOf(one: Machine): string {
  const age = one.heard_at === null ? '' : `, heard ${span(Date.now() - Date.parse(one.heard_at))} ago`;
  return [
    one.answers ? `answers${age}` : `silent${age}: what runs there is unknown`,
    ...(one.given_up ? ['was given up'] : []),
    ...(one.draining ? ['is given nothing more'] : []),
    ...(one.broken === null ? [] : [plain(one.broken)]),
    `${one.runs.length} of ${one.slots} slots`,
    `load ${one.load_per_core.toFixed(1)} a core`,
    `${bytes(one.memory_free)} memory, ${bytes(one.disk_free)} disk free`,
    plain(one.version),
  ].join(' · ');
}
