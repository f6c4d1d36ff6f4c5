import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../../../src/adapters/store/sqlite/sqlite.ts';
import { sampleTask } from '../../../conformance/store-samples.ts';

/** Commits one numbered task after the other and says each number once the store has answered, until it is killed. */
const [path = '', first = '1'] = process.argv.slice(2);
const store = openSqliteStore({ path });
for (let n = Number(first); ; n++) {
  store.commit({
    tasks: [{ next: sampleTask(n), expected: null }],
    history: [{ at: n, task: `gh-${n}`, run: null, event: 'added', detail: '' }],
    counters: { workers_launched: 1 },
    facts: { last: n },
  });
  writeSync(1, `${n}\n`);
}
