import type { JournalEntry } from '../agent/journal.ts';
import type { Life } from '../world/census.ts';
import type { Evidence } from './evidence.ts';
import { type Check, check } from './judge-facts.ts';

const METRICS = ['workers_launched', 'workers_completed', 'workers_failed', 'worktree_errors', 'prs_created', 'last_update', 'health'];

/** What holds for all tasks together. */
export function fleetChecks(evidence: Evidence): readonly Check[] {
  return [slots(evidence), wholeJournals(evidence), metrics(evidence), logs(evidence), clean(evidence)];
}

/** Never more agents alive than slots, by the agents' own journals and by /proc; and all slots were wanted, else it shows nothing. */
function slots({ slots: allowed, peak, journals, lives, scripted }: Evidence): Check {
  const counted = scripted ? Math.max(peak, mostAtOnce(journals, lives)) : peak;
  if (counted > allowed) return check(false, `${counted} agents were alive at once, with ${allowed} slots`);
  return check(counted === allowed || !scripted, `at most ${counted} agents at once, with ${allowed} slots`);
}

/** A killed agent writes no end: it lived at least as long as it was seen. */
export function mostAtOnce(journals: Evidence['journals'], lives: readonly Life[]): number {
  const seen = new Map(lives.map((life) => [life.run, life.lastSeen]));
  const spans = [...journals].map(([run, entries]) => {
    const last = entries.at(-1);
    const end = last?.kind === 'end' || last?.kind === 'crash' ? last.at : Math.max(last?.at ?? 0, seen.get(run) ?? 0);
    return { start: entries[0]?.at ?? 0, end };
  });
  return Math.max(0, ...spans.map(({ start }) => spans.filter((other) => other.start <= start && start < other.end).length));
}

function wholeJournals({ journals, scripted }: Evidence): Check {
  const isWhole = (entries: readonly JournalEntry[]): boolean => entries.every((entry, i) => entry.seq === i + 1);
  const torn = [...journals].filter(([, entries]) => !isWhole(entries)).map(([run]) => run);
  if (torn.length > 0) return check(false, `lines are missing in the journals of ${torn.join(', ')}`);
  return check(!scripted || journals.size > 0, scripted ? `${journals.size} journals, whole` : 'no journals');
}

function metrics({ metrics: text, journals, pulls, scripted }: Evidence): Check {
  if (text === '') return check(false, 'there is no adws/metrics.json');
  const found = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const keys = Object.keys(found).slice(0, METRICS.length).join();
  if (keys !== METRICS.join()) return check(false, `metrics.json begins with ${keys}`);
  const { workers_launched: launched, prs_created: created, health } = found;
  const right = (!scripted || launched === journals.size) && created === pulls.length;
  const counted = scripted ? ` (${journals.size} by their journals)` : '';
  return check(right, `metrics.json: ${launched} launched${counted}, ${created} pulls (${pulls.length} at the forge), ${health}`);
}

/** One log per run, each line whole, and a link per issue. */
function logs({ logs: all, lives }: Evidence): Check {
  const broken = all.filter((log) => log.broken > 0);
  if (broken.length > 0) return check(false, `broken lines in ${broken.map((log) => `logs/${log.name}`).join(', ')}`);
  const missing = lives.filter(({ run, task }) => {
    const own = all.some((log) => log.name === `${task}.${run}.jsonl` && log.lines > 0);
    return !own || !all.some((log) => log.name === `${task}.jsonl` && log.link);
  });
  if (missing.length > 0) return check(false, `no log of ${missing.map((life) => `${life.task} ${life.run}`).join(', ')}`);
  return check(true, `${lives.length} logs, whole`);
}

const clean = ({ dirt }: Evidence): Check =>
  check(dirt === '', dirt === '' ? 'git status is clean' : `git status shows ${dirt.split('\n').join(', ')}`);
