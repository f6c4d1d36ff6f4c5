import type { ClientSpec, Driver, Ground, Talk } from '../client/driver.ts';
import type { Common, Fields } from '../words/events.ts';
import { object, parseObject, string } from '../words/fields.ts';
import { turnEnded } from '../words/turn-end.ts';
import { failedTurn, isAborted, limitAwaited, limitOf, retryOf } from './errors.ts';
import { createHttp, type Http, refusalOf } from './http.ts';
import { isWhole, ledBy, partEvents, toolEnd, toolStart } from './parts.ts';
import { serversIn } from './servers.ts';

/** `opencode serve`: asked over HTTP, telling by server-sent events. */
export const OPENCODE_DRIVER: Driver = {
  replies: 'usage',
  argv: ({ command }) => [...command, 'serve', '--hostname', '127.0.0.1', '--port', '0'],
  variables: ({ mcp }, secret) => ({ OPENCODE_SERVER_PASSWORD: secret, ...serversIn(mcp, process.env) }),
  leavesBySignal: true,
  open: (ground) => talk(ground),
};

const here: Common = { at: null, parent: null };
/** It says these so that its connection stays open, whatever the model does. */
const BEATS = ['server.heartbeat', 'server.connected'];

function talk({ spec, resume, hear, came, secret }: Ground): Talk {
  let http: Http | null = null;
  let session: string | null = null;
  let first: string | null = null;
  /** It was asked to begin, to begin and says that it is at work, or nothing of both. */
  let turn: 'asked' | 'busy' | null = null;
  let isUnwanted = false;
  let error: Fields | null = null;
  /** Messages that were said to the model. */
  const toModel = new Set<string>();
  const begun = new Set<string>();
  const over = new Set<string>();
  /** Conversations of sub-agents, and the tool that leads each. */
  const led = new Map<string, string>();

  const refused = (message: string): void => {
    turn = null;
    for (const event of failedTurn({ name: 'server', data: { message } })) hear({ ...here, ...event });
  };
  const ask = async (path: string, body: object = {}): Promise<boolean> => {
    const answer = await http?.ask('POST', path, body);
    return answer != null && answer.status < 300;
  };

  async function connect(address: string): Promise<void> {
    http = createHttp(address, secret);
    const telling = http.events((line) => (BEATS.some((beat) => line.includes(`"${beat}"`)) ? connected(line) : came(line)));
    await telling;
    // Whoever waits for the turn's end would wait for ever.
    if (turn !== null) refused('its server tells nothing more');
  }
  function connected(line: string): void {
    if (line.includes('"server.connected"') && session === null) void open();
  }
  async function open(): Promise<void> {
    const answer = await (resume === null ? http?.ask('POST', '/session', {}) : http?.ask('GET', `/session/${encodeURIComponent(resume)}`));
    const id = answer == null || answer.status >= 300 ? null : string(parseObject(answer.text)?.id);
    if (id === null) return refused(refusalOf(answer ?? null));
    session = id;
    hear({ ...here, kind: 'session', session: id, model: spec.model, cwd: spec.worktree, version: null, mode: null });
    if (first !== null) say(first);
    first = null;
  }
  function say(text: string): void {
    if (session === null) {
      first = text;
      return;
    }
    [turn, isUnwanted, error] = ['asked', false, null];
    if (spec.model !== null && !spec.model.includes('/')) return refused(`its model is ${spec.model}: it wants provider/model`);
    void prompt(text).then((why) => {
      if (why !== null && turn === 'asked') refused(why);
    });
  }
  /** Null: it has it. */
  async function prompt(text: string): Promise<string | null> {
    const body = { parts: [{ type: 'text', text }], ...modelOf(spec) };
    const answer = (await http?.ask('POST', `/session/${session}/prompt_async`, body)) ?? null;
    return answer !== null && answer.status < 300 ? null : refusalOf(answer);
  }
  function interrupt(): void {
    isUnwanted = true;
    if (session !== null) void ask(`/session/${session}/abort`);
  }

  function take(fields: Fields): void {
    const properties = object(fields.properties) ?? {};
    const of = string(properties.sessionID);
    const common: Common = { at: null, parent: of === session || of === null ? null : (led.get(of) ?? null) };
    switch (fields.type) {
      case 'message.updated': {
        const info = object(properties.info) ?? {};
        if (info.role === 'user') toModel.add(string(info.id) ?? '');
        return;
      }
      case 'message.part.updated':
        return part(object(properties.part) ?? {}, common);
      case 'permission.asked':
        return void ask(`/permission/${string(properties.id)}/reply`, { reply: 'once' });
      case 'question.asked':
        // Nobody sits before it: its prompt says how a question is asked.
        return void ask(`/question/${string(properties.id)}/reject`);
      case 'session.status':
        return of === session ? status(object(properties.status) ?? {}) : undefined;
      case 'session.error':
        if (of === session || of === null) error = object(properties.error) ?? {};
        return;
      case 'session.idle':
        return of === session && turn === 'busy' ? idle() : undefined;
    }
  }
  function status(fields: Fields): void {
    if (turn !== null && fields.type === 'busy') turn = 'busy';
    if (turn !== null && fields.type === 'retry') tryingAgain(fields, Date.now());
    if (isUnwanted && fields.type === 'busy') interrupt();
  }
  function tryingAgain(fields: Fields, now: number): void {
    const limit = limitAwaited(fields, now);
    if (limit !== null) hear({ ...here, ...limit });
    hear({ ...here, ...retryOf(fields, now) });
  }
  function part(fields: Fields, common: Common): void {
    if (toModel.has(string(fields.messageID) ?? '')) return;
    const id = string(fields.callID) ?? '';
    const child = ledBy(fields);
    if (child !== null) led.set(child, id);
    if (fields.type !== 'tool') {
      if (isWhole(fields)) for (const event of partEvents(fields, common)) hear(event);
      return;
    }
    const state = object(fields.state)?.status;
    if (state === 'pending' || over.has(id)) return;
    if (!begun.has(id)) hear(toolStart(fields, common));
    begun.add(id);
    if (!isWhole(fields)) return;
    over.add(id);
    hear(toolEnd(fields, common));
  }
  function idle(): void {
    const why = error;
    [turn, error] = [null, null];
    if (isUnwanted || (why !== null && isAborted(why))) return hear({ ...here, ...turnEnded('interrupted') });
    if (why === null) return hear({ ...here, ...turnEnded('completed') });
    const limit = limitOf(why, Date.now());
    if (limit !== null) hear({ ...here, ...limit });
    for (const event of failedTurn(why)) hear({ ...here, ...event });
  }

  return {
    begin: () => undefined,
    take,
    aside: (line) => {
      const address = /listening on (http:\/\/127\.0\.0\.1:\d{1,5})/.exec(line)?.[1];
      if (address !== undefined && http === null) void connect(address);
    },
    say,
    tell: (text, answered) => {
      if (turn !== 'busy') return false;
      void prompt(text).then((why) => answered(why === null));
      return true;
    },
    interrupt,
    probe: (alive) =>
      void http?.ask('GET', '/session/status').then((answer) => {
        if (answer !== null) alive();
      }),
  };
}

/** `provider/model`. */
function modelOf({ model }: ClientSpec): object {
  const at = model?.indexOf('/') ?? -1;
  return model === null || at < 1 ? {} : { model: { providerID: model.slice(0, at), modelID: model.slice(at + 1) } };
}
