import { openSqliteStore } from '../../../../src/adapters/store/sqlite/sqlite.ts';

/** Opens a store at the instant that it is told, as several first starts at once do, and writes one entry. */
const [path = '', at = '0'] = process.argv.slice(2);
while (Date.now() < Number(at));
const store = openSqliteStore({ path });
store.commit({ history: [{ at: 0, task: null, run: null, event: 'opened', detail: String(process.pid) }] });
store.close();
