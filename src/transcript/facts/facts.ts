import type { AgentEvent, EventOf } from '../../agents/words/events.ts';
import { parseObject, string } from '../../agents/words/fields.ts';
import { FEW, LOOKED_BACK } from '../../core/limits/progress.ts';
import type { StreamFacts } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';
import { activityOf, oneLine } from './activity.ts';
import { isCommit, whyRefused } from './commits.ts';
import { beginProof, endProof } from './proof.ts';
import { tallied } from './spent.ts';

/**
 * Takes events in. Pure: `bytes` is how far the log was read for them, `now` the time of lines that carry none.
 * The same events split over several calls give the same facts.
 */
export function advance(facts: StreamFacts, events: readonly AgentEvent[], bytes: number, now: Ms): StreamFacts {
  let next: StreamFacts = { ...facts, offset: facts.offset + bytes };
  for (const event of events) next = take(next, event, now);
  return next;
}

function take(facts: StreamFacts, event: AgentEvent, now: Ms): StreamFacts {
  // tac8's own lines say nothing about whether the agent lives.
  if (event.kind === 'tac8') return tallied(facts, event);
  if (event.kind === 'failure' || (event.kind === 'user' && event.ours === true)) return facts;
  const at = event.at ?? now;
  const seen: StreamFacts = {
    ...facts,
    events: facts.events + 1,
    firstEventAt: facts.firstEventAt ?? at,
    lastEventAt: Math.max(facts.lastEventAt ?? at, at),
    activity: activityOf(event) ?? facts.activity,
  };
  switch (event.kind) {
    case 'session':
      return { ...seen, session: event.session || facts.session, model: event.model ?? facts.model, inTurn: true };
    case 'text':
    case 'thinking':
      // A reply came: what the provider refused before is over.
      return { ...tallied(seen, event), providerError: null };
    case 'tool_start':
      return beginTool({ ...tallied(seen, event), providerError: null }, event, at);
    case 'counted':
    case 'usage':
      return tallied(seen, event);
    case 'tool_end':
      return endCall({ ...seen, tools: (facts.tools ?? []).filter((id) => id !== event.id) }, event);
    case 'background':
      return { ...seen, background: event.works.slice(0, WORKS).map(({ text }) => oneLine(text, WORK_WORDS)) };
    case 'quiet':
      return event.type === 'command_lifecycle' ? hear(facts, seen, event.line, at) : seen;
    case 'retry':
      return {
        ...seen,
        providerError: {
          status: event.status,
          refusal: event.refusal,
          cause: event.cause,
          message: `retry ${event.attempt}/${event.maxAttempts ?? '?'}`,
        },
      };
    case 'provider_error':
      return { ...seen, providerError: { ...refused(event), status: facts.providerError?.status ?? null } };
    case 'rate_limit':
      return { ...seen, limitedUntil: event.status === 'rejected' ? event.resetsAt : null };
    case 'turn_end':
      return endTurn(seen, event, at);
    default:
      return seen;
  }
}

/** So many works in the background are kept, and so much of each one's name. */
const WORKS = 10;
const WORK_WORDS = 100;

const refused = ({ refusal, cause, message }: EventOf<'provider_error'>) => ({ refusal, cause, message });

/** Their work is done by sub-agents, whose own tool calls are seen. */
const DELEGATES: ReadonlySet<string> = new Set(['Task', 'Agent']);

function beginTool(facts: StreamFacts, event: EventOf<'tool_start'>, at: Ms): StreamFacts {
  const { id, name, input } = event;
  const proof = beginProof(facts.proof, event);
  const call = { ...facts, ...circle(facts, signature(name, input), at), ...(proof === undefined ? {} : { proof }) };
  const seen = id !== '' && isCommit(input) ? { ...call, committing: [...(facts.committing ?? []), id] } : call;
  return id === '' || DELEGATES.has(name) ? seen : { ...seen, tools: [...(facts.tools ?? []), id] };
}

function endCall(before: StreamFacts, event: EventOf<'tool_end'>): StreamFacts {
  const { id, ok, output } = event;
  const proof = endProof(before.proof, event);
  const facts = proof === before.proof || proof === undefined ? before : { ...before, proof };
  const { committing = [] } = facts;
  if (!committing.includes(id)) return facts;
  return { ...facts, committing: committing.filter((other) => other !== id), commitRefused: ok ? null : whyRefused(output) };
}

/** The same few calls again and again: since when, and how many by now. */
function circle(facts: StreamFacts, call: string, at: Ms): Pick<StreamFacts, 'recent' | 'circling'> {
  const recent = [...(facts.recent ?? []), call].slice(-LOOKED_BACK);
  if (recent.length < LOOKED_BACK || new Set(recent).size > FEW) return { recent, circling: null };
  return {
    recent,
    circling: facts.circling == null ? { since: at, calls: LOOKED_BACK } : { ...facts.circling, calls: facts.circling.calls + 1 },
  };
}

/** Short, and the same for the same call (FNV-1a). Two calls that share one by chance only make a warning come earlier. */
function signature(name: string, input: unknown): string {
  const text = `${name} ${JSON.stringify(input) ?? ''}`;
  let hash = 0x811c9dc5;
  for (let n = 0; n < text.length; n += 1) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** That many acknowledgements are kept, the newest. */
const HEARD = 50;

/** The agent acknowledges a message that has a name: `queued` when it has it, `started` when it begins with it. */
function hear(before: StreamFacts, facts: StreamFacts, line: string, at: Ms): StreamFacts {
  const fields = parseObject(line);
  const name = string(fields?.command_uuid);
  if (name === null) return facts;
  const known = facts.heard ?? {};
  const begun = fields?.state === 'started' || fields?.state === 'completed' ? at : null;
  const heard = Object.entries({ ...known, [name]: known[name] ?? begun }).slice(-HEARD);
  // Said after its result, it is no sign that the agent goes on.
  const lastEventAt = facts.inTurn === true ? facts.lastEventAt : before.lastEventAt;
  return { ...facts, lastEventAt, heard: Object.fromEntries(heard) };
}

function endTurn(facts: StreamFacts, event: EventOf<'turn_end'>, at: Ms): StreamFacts {
  const { end, isError, subtype, terminalReason, apiErrorStatus, text } = event;
  return {
    ...tallied(facts, event),
    result: { end, isError, subtype, terminalReason, apiErrorStatus, text: text.slice(0, RESULT_TEXT), at },
    tools: [],
    inTurn: false,
  };
}

/** Enough of a final text to show, and to tell whether it asks something; the whole of it is in the log. */
const RESULT_TEXT = 4000;
