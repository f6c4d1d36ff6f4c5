import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/** An agent that tac8 has never seen: it speaks the Agent Client Protocol, asks before its one tool, and commits. */

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly cwd?: string };
  readonly result?: { readonly outcome?: { readonly optionId?: string } };
}

const send = (message: object): void => void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const update = (what: object): void => send({ method: 'session/update', params: { sessionId: 'a-session', update: what } });
const says = (text: string): void => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
const COMMAND = 'echo hello >hello.txt && git add -A && git commit -qm "Say hello"';
let cwd = '.';
let prompt: number | undefined;

function work(): void {
  const tool = { toolCallId: 'one', kind: 'execute', title: COMMAND };
  update({ sessionUpdate: 'tool_call', status: 'in_progress', ...tool });
  execFileSync('/bin/sh', ['-c', COMMAND], { cwd, timeout: 20_000 });
  update({ sessionUpdate: 'tool_call_update', status: 'completed', ...tool });
  says('Done: hello.txt ');
  says('is committed.');
  send({ id: prompt, result: { stopReason: 'end_turn', usage: { inputTokens: 10, outputTokens: 5 } } });
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params, result } = JSON.parse(line) as Message;
  if (method === 'initialize') send({ id, result: { protocolVersion: 1, agentCapabilities: { loadSession: true } } });
  if (method === 'session/new') {
    cwd = params?.cwd ?? cwd;
    send({ id, result: { sessionId: 'a-session' } });
  }
  if (method === 'session/prompt') {
    prompt = id;
    says('I begin.');
    const options = [
      { optionId: 'no', kind: 'reject_once' },
      { optionId: 'yes', kind: 'allow_once' },
    ];
    send({ id: 1000, method: 'session/request_permission', params: { sessionId: 'a-session', options } });
  }
  if (id === 1000 && result?.outcome?.optionId === 'yes') work();
}
