import { playDay } from '../../test/simulation/day/day.ts';

/*
 * A day against the fake GitHub with every limit on, `node scripts/long/day.ts [HOURS] [ISSUES] [WORKERS] [SEED] [trace]`: by default 24 hours, 100 issues,
 * 30 workers. Exit code 1 where a limit was used up, or an effect is doubled or missing.
 */

const [hours = '24', issues = '100', workers = '30', seed = String(Date.now() % 1_000_000), how] = process.argv.slice(2);
const since = performance.now();
const { trace, wrong, ...counted } = await playDay({
  ...{ hours: Number(hours), issues: Number(issues), workers: Number(workers), seed: Number(seed) },
  trace: how === 'trace',
});
for (const line of trace) process.stdout.write(`${line}\n`);
process.stdout.write(`${JSON.stringify({ seed: Number(seed), ...counted }, null, 1)}\n`);
for (const line of wrong) process.stdout.write(`WRONG ${line}\n`);
process.stdout.write(`${wrong.length === 0 ? 'holds' : 'FAILS'} (${((performance.now() - since) / 1000).toFixed(0)} s)\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
