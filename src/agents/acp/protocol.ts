import type { Spend } from '../../core/model/run.ts';
import type { Driver, Ground, Talk } from '../client/driver.ts';
import { createRpc, type Rpc, type RpcRefusal } from '../client/json-rpc.ts';
import type { AgentEvent, Fields } from '../words/events.ts';
import { list, object, string } from '../words/fields.ts';
import { endOf, limitOf, refused } from './ends.ts';
import { serversFor } from './servers.ts';
import { updateEvents } from './updates.ts';

/** The Agent Client Protocol, version 1: JSON-RPC on stdin and stdout of whatever program speaks it. */
export const ACP_DRIVER: Driver = {
  replies: 'tools',
  argv: ({ command }) => command,
  open: (ground) => acpTalk(ground),
};

/** What an agent says beside the protocol. */
interface Besides {
  /** What a turn came to, where the answer does not say it in the protocol's words. */
  readonly spent?: (result: Fields) => Spend | null;
  /** It is known to answer a request that it does not know, as the protocol wants it. */
  readonly answersAll?: true;
}

/** A method of nobody's: the protocol has it answered with "no such method". */
const PROBE = '_tac8/are_you_there';
/** So many times an agent that has never answered one counts as there without being asked: some fall over what they do not know. */
const TAKEN_AS_THERE = 10;

/** Modes in which an agent asks nobody; each agent has a name of its own for it. */
const FREE = ['bypassPermissions', 'agent-full-access', 'yolo'];
const here = { at: null, parent: null } as const;

export function acpTalk({ spec, resume, hear, write }: Ground, besides: Besides = {}): Talk {
  let session: string | null = null;
  let first: string | null = null;
  /** What is told of a conversation that is taken up was said before. */
  let isOpen = false;
  let known = new Set<string>();
  let answersAll = besides.answersAll === true;
  let taken = 0;
  let chunks: { readonly kind: 'text' | 'thinking'; text: string } | null = null;

  const flush = (): void => {
    if (chunks !== null && chunks.text.trim() !== '') hear({ ...here, ...chunks, message: null, usage: null });
    chunks = null;
  };
  const tell = (event: AgentEvent): void => {
    if ((event.kind === 'text' || event.kind === 'thinking') && chunks?.kind === event.kind) {
      chunks.text += event.text;
      return;
    }
    flush();
    if (event.kind === 'text' || event.kind === 'thinking') chunks = { kind: event.kind, text: event.text };
    else hear(event);
  };
  const failed = (why: RpcRefusal): void => {
    flush();
    const limit = limitOf(why, Date.now());
    if (limit !== null) hear({ ...here, ...limit });
    for (const event of refused(why)) hear({ ...here, ...event });
  };
  const rpc: Rpc = createRpc({
    write,
    notified: (method, params) => {
      if (method !== 'session/update' || !isOpen) return;
      for (const event of updateEvents(object(params.update) ?? {}, known, '')) tell(event);
    },
    serve: (method, params) => {
      if (method !== 'session/request_permission') return null;
      const call = object(params.toolCall);
      // It is allowed, and begins; some say nothing more of it before its end.
      if (isOpen && string(call?.title) !== null && string(call?.toolCallId) !== null) {
        const begun = { ...call, sessionUpdate: 'tool_call', status: 'in_progress' };
        for (const event of updateEvents(begun, known, '')) tell(event);
      }
      return allowed(params);
    },
  });

  function say(text: string): void {
    if (session === null || !isOpen) {
      first = text;
      return;
    }
    known = new Set();
    rpc.ask('session/prompt', { sessionId: session, prompt: [{ type: 'text', text }] }, (result, no) => {
      if (no !== null) return failed(no);
      flush();
      const end = endOf(result);
      hear({ ...here, ...end, spent: end.spent ?? besides.spent?.(result) ?? null });
    });
  }
  function opened(result: Fields): void {
    session = string(result.sessionId) ?? resume;
    hear({ ...here, kind: 'session', session: session ?? '', model: null, cwd: spec.worktree, version: null, mode: null });
    const modes = list(object(result.modes)?.availableModes).map((mode) => string(object(mode)?.id));
    const modeId = FREE.find((mode) => modes.includes(mode));
    const ready = (): void => {
      isOpen = true;
      if (first !== null) say(first);
    };
    // An agent that does not know the mode any more asks, and is allowed.
    if (modeId === undefined) ready();
    else rpc.ask('session/set_mode', { sessionId: session, modeId }, ready);
  }
  return {
    begin: () => {
      const clientCapabilities = { fs: { readTextFile: false, writeTextFile: false }, terminal: false };
      rpc.ask('initialize', { protocolVersion: 1, clientCapabilities }, (can, no) => {
        if (no !== null) return failed(no);
        const { servers, untold } = serversFor(spec.mcp, object(can.agentCapabilities) ?? {}, process.env);
        for (const text of untold) hear({ ...here, kind: 'note', text });
        const where = { cwd: spec.worktree, mcpServers: servers };
        const [method, params] = resume === null ? ['session/new', where] : ['session/load', { ...where, sessionId: resume }];
        rpc.ask(method, params, (result, why) => (why === null ? opened(result) : failed(why)));
      });
    },
    take: rpc.take,
    say,
    // A second prompt ends the first with some agents, and is lost with others.
    tell: () => false,
    interrupt: () => rpc.notify('session/cancel', { sessionId: session }),
    probe: (alive) => {
      if (!answersAll) alive();
      taken += 1;
      if (!answersAll && taken <= TAKEN_AS_THERE) return;
      rpc.ask(PROBE, {}, () => {
        if (answersAll) alive();
        answersAll = true;
      });
    },
  };
}

/** Each run has a worktree of its own: what it asks for is allowed. */
function allowed(params: Fields): object {
  const options = list(params.options).map((option) => object(option) ?? {});
  const option = options.find(({ kind }) => kind === 'allow_once') ?? options.find(({ kind }) => kind === 'allow_always');
  return { outcome: option === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId: option.optionId } };
}
