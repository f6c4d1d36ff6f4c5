import type { Condition, Judgement } from '../model/alert.ts';
import type { Ms } from '../model/seen.ts';
import { age } from '../words/span.ts';
import type { Sight } from './sight.ts';

const NOTHING: Judgement = { present: [] };

const isActive = ({ book }: Sight, key: string): boolean => book.some((alert) => alert.key === key);

/** A daemon that has just started has not asked yet: that GitHub was away before stays said. */
export function githubDown(sight: Sight): Judgement {
  const { forge, issues, policy, now } = sight;
  if (forge === 'none' || issues.known) return NOTHING;
  const due = issues.since + policy.githubDown;
  if (now < due) return { present: [], unsure: true, wakeAt: due };
  const text = `GitHub has not answered for ${age(policy.githubDown)}: ${issues.because.replace(/\s+/g, ' ').slice(0, 300)}`;
  const hint = 'Nothing new starts meanwhile; running workers go on. `tac8 doctor` checks token, network and rights.';
  return { present: [{ key: 'github_down', rule: 'github_down', task: null, text, hint, after: 0 }] };
}

/** How long the start is told for; then it is said that the daemon is there again. */
export const DOWNTIME_SHOWN: Ms = 10_000;

export function daemonDown({ downtime, policy, now }: Sight): Judgement {
  if (downtime === null || downtime.to - downtime.from < policy.daemonDown || now >= downtime.to + DOWNTIME_SHOWN) return NOTHING;
  const text = `the daemon was away for ${age(downtime.to - downtime.from)}, though nobody had told it to leave; it runs again`;
  const hint = 'Look at the end of logs/tac8.log before that, and at `dmesg` for an out-of-memory kill.';
  const present = [{ key: `daemon_down:${downtime.from}`, rule: 'daemon_down' as const, task: null, text, hint, after: 0 }];
  return { present, wakeAt: downtime.to + DOWNTIME_SHOWN };
}

/** What is over only when it is clearly better: this much of the bound. */
const BETTER = 1.1;

export function disk(sight: Sight): Judgement {
  return scarce(sight, 'disk', sight.limits.minFreeDisk, 0, (machine) => machine.freeDiskBytes, 'on the disk', 'limits.min_free_disk');
}

export function memory(sight: Sight): Judgement {
  return scarce(
    sight,
    'memory',
    sight.limits.minFreeMemory,
    sight.policy.sustained,
    (machine) => machine.freeMemoryBytes,
    'of memory',
    'limits.min_free_memory',
  );
}

function scarce(
  sight: Sight,
  rule: 'disk' | 'memory',
  bound: number,
  after: Ms,
  read: (machine: { readonly freeDiskBytes: number; readonly freeMemoryBytes: number }) => number,
  where: string,
  setting: string,
): Judgement {
  if (!sight.machine.known) return { present: [], unsure: true };
  const free = read(sight.machine.value);
  if (free >= (isActive(sight, rule) ? bound * BETTER : bound)) return NOTHING;
  const text = `${size(free)} are free ${where}, less than the ${size(bound)} of ${setting}`;
  const hint =
    rule === 'disk'
      ? '`tac8 clean` shows what can be removed.'
      : 'Nothing new starts meanwhile; fewer slots (max_concurrent_workers) use less.';
  return { present: [{ key: rule, rule, task: null, text, hint, after }] };
}

/** Over only when it is clearly cooler. */
const COOLER = 5;

export function temperature(sight: Sight): Judgement {
  if (!sight.machine.known) return { present: [], unsure: true };
  const [sensor, degrees] = Object.entries(sight.machine.value.temperatures ?? {}).toSorted((a, b) => b[1] - a[1])[0] ?? [
    '',
    Number.NEGATIVE_INFINITY,
  ];
  const bound = sight.policy.temperature;
  if (degrees < (isActive(sight, 'temperature') ? bound - COOLER : bound)) return NOTHING;
  const text = `${sensor} is at ${degrees.toFixed(1)} °C (alerts.temperature: ${bound})`;
  const hint = 'The processor will slow down; fewer slots or a fan help.';
  return { present: [{ key: 'temperature', rule: 'temperature', task: null, text, hint, after: sight.policy.sustained }] };
}

const SHARES = [0.8, 1] as const;

/** Each share once a day; they are over with the day. Whoever jumps over the first is told of the second alone. */
export function budget(sight: Sight): Judgement {
  const { budget: money } = sight;
  if (money === null) return { present: [], unsure: true };
  const reached = SHARES.filter((share) => money.spent >= share * money.cap);
  const present = reached.flatMap((share): Condition[] => {
    const key = `budget:${share * 100}`;
    if (share < Math.max(...reached) && !isActive(sight, key)) return [];
    const text = `${share * 100} % of today’s budget is spent: $${money.spent.toFixed(2)} of $${money.cap} (limits.usd_per_day)`;
    const hint = share < 1 ? '' : 'Nothing new starts before tomorrow; raise limits.usd_per_day to go on.';
    return [{ key, rule: 'budget', task: null, text, hint, after: 0 }];
  });
  return { present };
}

const size = (bytes: number): string =>
  bytes >= 10 * 1024 ** 3 ? `${Math.round(bytes / 1024 ** 3)} GiB` : `${Math.round(bytes / 1024 ** 2)} MiB`;
