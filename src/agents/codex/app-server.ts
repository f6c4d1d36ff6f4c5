import type { ClientSpec, Driver, Ground, Talk } from '../client/driver.ts';
import { createRpc, type Rpc } from '../client/json-rpc.ts';
import type { Fields } from '../words/events.ts';
import { number, object, string } from '../words/fields.ts';
import { createCalls } from './calls.ts';
import { failedTurn } from './errors.ts';
import { CODEX_EXEC } from './exec.ts';
import { notified } from './notifications.ts';

/** Codex's app-server, JSON-RPC on its stdin and stdout. */
export const CODEX_DRIVER: Driver = {
  replies: 'usage',
  // The model has its answer after some seconds, and may end its turn; the command goes on.
  leavesTools: true,
  argv: ({ command: [program, ...before] }) => [program, ...before, 'app-server'],
  otherwise: CODEX_EXEC,
  open: (ground) => talk(ground),
};

/** Each run has a worktree and a home of its own; Codex's sandbox would keep it from committing. */
const freedom = ({ worktree, model }: ClientSpec) => ({
  ...{ cwd: worktree, approvalPolicy: 'never', sandbox: 'danger-full-access' },
  ...(model === null ? {} : { model }),
});

/** Pieces of what is said whole later. */
const NOT_WANTED = ['item/agentMessage/delta', 'item/reasoning/summaryTextDelta', 'item/reasoning/textDelta'];

function talk({ spec, resume, hear, write, unable }: Ground): Talk {
  let thread: string | null = null;
  let turn: string | null = null;
  /** Asked for before the turn had a name. */
  let isUnwanted = false;
  let first: string | null = null;
  let isRefused = false;
  const calls = createCalls();

  const rpc: Rpc = createRpc({
    write,
    notified: (method, params, message) => {
      const at = number(message.emittedAtMs);
      if (method === 'turn/started') begun(string(object(params.turn)?.id));
      if (method === 'turn/completed') turn = null;
      if (method === 'rawResponseItem/completed') for (const event of calls.said(object(params.item) ?? {}, at)) hear(event);
      else for (const event of calls.told(notified(method, params, at, '') ?? [])) hear(event);
    },
    // It asks for nothing under `never`; what a new version may ask is allowed, as all else is.
    serve: (method) => (/requestApproval$/.test(method) ? { decision: 'accept' } : null),
  });
  const failed = (message: string): void => {
    for (const event of failedTurn({ message })) hear({ at: null, parent: null, ...event });
  };
  function refuses(message: string): void {
    isRefused = true;
    failed(message);
  }
  function begun(id: string | null): void {
    turn = id ?? turn;
    if (isUnwanted) interrupt();
  }
  function interrupt(): void {
    isUnwanted = turn === null;
    if (turn !== null) rpc.ask('turn/interrupt', { threadId: thread, turnId: turn });
  }
  function opened(result: Fields): void {
    const { id } = object(result.thread) ?? {};
    thread = string(id);
    if (resume !== null)
      hear({
        at: null,
        parent: null,
        kind: 'session',
        session: thread ?? resume,
        model: null,
        cwd: spec.worktree,
        version: null,
        mode: null,
      });
    if (first !== null) say(first);
    first = null;
  }
  function say(text: string): void {
    if (thread === null) {
      first = text;
      return;
    }
    isUnwanted = false;
    const effort = spec.effort === null ? {} : { effort: spec.effort };
    rpc.ask('turn/start', { threadId: thread, input: [{ type: 'text', text }], ...effort }, (result, refused) => {
      if (refused !== null) return failed(refused.message);
      begun(string(object(result.turn)?.id));
    });
  }
  return {
    begin: () => {
      const clientInfo = { name: 'tac8', title: 'tac8', version: '1' };
      rpc.ask(
        'initialize',
        { clientInfo, capabilities: { experimentalApi: true, optOutNotificationMethods: NOT_WANTED } },
        (_, refused) => {
          if (refused !== null) return unable(`does not begin (${refused.message})`);
          rpc.notify('initialized', {});
          const method = resume === null ? 'thread/start' : 'thread/resume';
          const which = resume === null ? { experimentalRawEvents: true } : { threadId: resume };
          rpc.ask(method, { ...which, ...freedom(spec) }, (result, no) => (no === null ? opened(result) : refuses(no.message)));
        },
      );
    },
    take: rpc.take,
    hasBegun: () => thread !== null || isRefused,
    say,
    tell: (text, answered) => {
      if (turn === null) return false;
      rpc.ask('turn/steer', { threadId: thread, expectedTurnId: turn, input: [{ type: 'text', text }] }, (_, refused) =>
        answered(refused === null),
      );
      return true;
    },
    interrupt,
    // Whatever it answers, it does.
    probe: (alive) => rpc.ask('thread/loaded/list', {}, alive),
  };
}
