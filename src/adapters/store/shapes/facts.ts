import { RULES } from '../../../core/model/alert.ts';
import { NEW_FLEET } from '../../../core/model/fleet.ts';
import type { FactOf, Facts, Misfit } from '../../../engine/ports/records/facts.ts';
import { fieldsAmiss, misfitOf, runId, taskId, text, time } from './check.ts';
import * as s from './shape.ts';
import { isObject } from './shape.ts';
import { money, spend } from './stream.ts';

const rule = s.oneOf(RULES);
const letter = s.object({ id: s.number(), uuid: text, text, at: time, by: s.literal('pull').optional() });
const parkingType = s.oneOf(['usage_limit', 'auth_error', 'billing_error', 'provider_error']);
const parking = s.object({
  type: parkingType,
  until: time.nullable(),
  since: time,
  run: runId,
  message: text,
  login: text.optional(),
  logins: text.optional(),
  confirmed: s.literal(true).optional(),
});
const claim = s.object({ type: parkingType, task: taskId, at: time });
const loginState = {
  parked: parking.nullable(),
  claim: claim.optional(),
  earlier: s.array(claim).optional(),
  providerErrors: s.number(),
};
const fleet = s.object({
  pausedAt: time.nullable(),
  ...loginState,
  logins: s.record(s.object(loginState)).optional(),
  nextLocal: s.whole(1),
  unsure: s.array(taskId).optional(),
  day: s.object({ start: time, ...money }).optional(),
  letters: s.record(s.array(letter)).optional(),
});

const memory = s.object({
  lines: s.record(s.object({})),
  strangers: s.array(text).optional(),
  spoken: s.array(text),
  names: s.object({}),
});
const board = s.object({
  text: text.nullable(),
  memory: memory.optional(),
  next: s.object({ text, memory }).optional(),
  given: s.record(taskId).optional(),
  whole: s.number().optional(),
});
const hunk = s.object({ skip: s.whole(0), keep: s.whole(0), piece: text });
const packed = s.object({
  text: s.object({ head: text, before: s.whole(0), piece: text, more: s.array(hunk).optional(), after: s.whole(0) }),
  memory: s.object({
    set: s.record(s.object({})),
    gone: s.array(text),
    strangers: s.array(text).optional(),
    spoken: s.array(text),
    names: s.object({}),
  }),
});
const boardDelta = s.object({
  of: s.number(),
  now: packed,
  next: packed.optional(),
  given: s.record(taskId).optional(),
});

const seenAt = s
  .variants('known', [
    s.object({ known: s.literal(true), at: time, count: s.number() }),
    s.object({ known: s.literal(false), because: text, since: time }),
  ])
  .nullable();
const spent = s.object({ by: text, requests: s.number(), unchanged: s.number(), points: s.number() });
const daemon = s.object({
  at: time,
  draining: s.boolean(),
  pid: s.number().optional(),
  slots: s.number(),
  usdPerDay: s.number().nullish(),
  interval: s.number().nullish(),
  limit: s
    .object({
      ...{ limit: s.number().nullable(), remaining: s.number().nullable(), resetAt: time.nullable(), spent: s.array(spent).optional() },
      held: s.object({ until: time, because: text }).nullish(),
    })
    .nullish(),
  issues: seenAt,
  pulls: seenAt,
  notes: s.array(s.object({ task: taskId.nullable(), text, until: time.nullable(), gate: text.optional() })),
  problems: s.array(s.object({ line: s.number(), message: text, hint: text })),
  held: s.object({ kind: text, message: text, hint: text, token: text }).nullable(),
  workers: s.object({ kind: s.oneOf(['cgroup', 'pidns', 'sweep']), memory: text.nullable() }).nullish(),
  sandbox: s.oneOf(['bwrap', 'container', 'none', 'unchosen']).optional(),
});

const told = { task: taskId.nullable(), text, hint: text, since: time };
const notice = s.object({
  id: text,
  event: s.oneOf(['fired', 'cleared', 'test']),
  rule: s.oneOf([...RULES, 'test']),
  at: time,
  ...told,
});
const totals = s.object({
  outcomes: s.record(s.number()),
  durations: s.record(s.object({ counts: s.array(s.number()), sum: s.number() })),
  spend,
  recent: s.array(text),
  alerts: s.record(s.number()).optional(),
});
const machine = s.object({
  freeMemoryBytes: s.number(),
  freeDiskBytes: s.number(),
  loadPerCore: s.number(),
  memoryBytes: s.number().optional(),
  diskBytes: s.number().optional(),
  cpuShare: s.number().optional(),
  temperatures: s.record(s.number()).optional(),
});
const usage = s.object({ processes: s.number(), memoryBytes: s.number(), cpuSeconds: s.number() });

const machineTold = s.object({
  ...{ name: text, heardAt: time, version: text, slots: s.number(), runs: s.array(text), labels: s.array(text) },
  ...{ loadPerCore: s.number(), freeDiskBytes: s.number(), freeMemoryBytes: s.number() },
  ...{ draining: s.boolean(), forgotten: s.boolean(), broken: text.nullable() },
});
const machines = s.object({ at: time, machines: s.array(machineTold), unheard: text.nullable() });

const summary = s.object({
  passed: s.number(),
  failing: s.number(),
  running: s.number(),
  other: s.number(),
  failingNames: s.array(text),
  withheld: s.array(text),
});
const checks = s.object({
  summary: summary.nullable(),
  at: time.nullable(),
  since: time,
  askedAt: time,
  unknown: s.object({ because: text, since: time }).nullable(),
});
const letGo = s.object({ id: text, why: s.oneOf(['checks', 'conflict', 'person', 'other']), words: text, commit: text.nullable() });
const sight = s.object({
  task: taskId,
  number: s.number(),
  state: s.oneOf(['open', 'closed', 'merged']),
  draft: s.boolean(),
  review: s.oneOf(['approved', 'changes_requested', 'required']).optional(),
  commit: text,
  at: time,
  changedAt: time.optional(),
  advanced: s.object({ step: s.oneOf(['ready', 'merge']), commit: text }).optional(),
  asked: s.boolean().optional(),
  tidied: s.literal(true).optional(),
  redrafted: s.literal(true).optional(),
  reopened: s.literal(true).optional(),
  unmerged: s.object({ commit: text, why: text, since: time, letGo: letGo.optional(), takenBack: s.boolean().optional() }).optional(),
  checks: checks.nullable(),
});

const held = { since: time, label: time.nullable(), over: time.nullable() };
const claims = s.object({
  own: s.array(s.object({ task: taskId, id: text.nullable(), ...held })),
  theirs: s.array(s.object({ task: taskId, claim: s.object({ owner: text, machine: text, ...held }) })),
  refused: text.nullable(),
});

const SHAPES: Readonly<Record<string & keyof Facts, s.Shape>> = {
  fleet,
  board,
  'board-delta': boardDelta,
  daemon,
  trouble: s.object({ at: time, message: text }),
  damage: s.object({ at: time, kept: text, message: text }),
  slow: s.object({ at: time, step: text, message: text }),
  sign: s.object({ at: time, left: s.boolean() }),
  outbox: s.array(s.object({ channel: text, notice, tries: s.number(), notBefore: time, problem: text.nullable() })),
  remote: s.object({
    fetch: text.nullable(),
    push: text.nullable(),
    origin: text.nullable(),
    head: text.optional(),
    number: s.object({ of: text, is: s.number() }).optional(),
  }),
  base_branch: s.object({ branch: text }),
  alerts: s.array(s.object({ key: text, rule, ...told })),
  totals,
  usage: s.object({ at: time, machine: machine.nullable(), workers: s.record(usage) }),
  machines,
  pulls: s.array(sight),
  spoken: s.object({
    since: time,
    seen: s.array(s.number()),
    owed: s.array(
      s.object({
        ...{ comment: s.number(), issue: s.number(), request: s.number().optional(), quiet: s.literal(true).optional() },
        ...{ why: taskId.optional(), words: text.optional(), heard: s.literal(true).optional() },
      }),
    ),
  }),
  claims,
  copy: s.object({ generation: text, inherited: s.boolean() }),
  dashboard: s.object({ number: s.whole(1), acted: s.array(text) }),
  told: s.array(s.object({ task: taskId, comment: s.number().nullable(), runs: s.whole(0), over: s.literal(true).optional() })),
  'main-checkout': s.object({ paths: s.array(text), alarms: s.array(s.object({ path: text, at: time })) }),
};
const APPROVED = s.object({ title: text, body: text });

/** What a version before did not write. */
const LACKED: Readonly<Partial<Record<string, object>>> = { fleet: NEW_FLEET };

const shapeOf = (name: string): s.Shape | null =>
  name.startsWith('text:') ? APPROVED : Object.hasOwn(SHAPES, name) ? (SHAPES[name as keyof typeof SHAPES] ?? null) : null;

/**
 * A fact as it is read. What an earlier version did not write is filled in; a field that does not fit is left out where the rest can do without;
 * a fact that does not fit all the same is absent. Each is told to `onMisfit`.
 */
export function factOf<K extends string>(name: K, stored: unknown, onMisfit: (misfit: Misfit) => void): FactOf<K> {
  const shape = shapeOf(name);
  const lacked = LACKED[name] ?? {};
  const value = isObject(stored) ? { ...lacked, ...stored } : stored;
  const why = shape === null || stored === null ? null : misfitOf(shape, value);
  if (shape === null || stored === null || why === null) return value as FactOf<K>;
  onMisfit({ what: `fact ${name}`, why });
  if (!isObject(value)) return null as FactOf<K>;
  const amiss = fieldsAmiss(shape, value);
  const rest = { ...lacked, ...Object.fromEntries(Object.entries(value).filter(([field]) => !amiss.has(field))) };
  return (misfitOf(shape, rest) === null ? rest : null) as FactOf<K>;
}
