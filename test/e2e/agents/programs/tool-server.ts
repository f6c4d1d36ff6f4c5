import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A server of the Model Context Protocol with one tool; it writes down what it is asked, and whether it has its secret. */

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string; readonly name?: string };
}

const TOOL = { name: 'greet', description: 'Greets.', inputSchema: { type: 'object', properties: {} } };
const note = (words: string): void => appendFileSync(join(process.env.HOME ?? '.', 'tool-server'), `${words}\n`);
const answer = (id: number, result: object): void => void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);

note(`secret: ${process.env.DOCS_TOKEN === 'a-secret-of-the-tests'}`);
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line) as Message;
  if (id === undefined) continue;
  if (method === 'initialize') {
    const serverInfo = { name: 'greeter', version: '1' };
    answer(id, { protocolVersion: params?.protocolVersion ?? '2025-06-18', capabilities: { tools: {} }, serverInfo });
  } else if (method === 'tools/list') answer(id, { tools: [TOOL] });
  else if (method === 'tools/call') {
    note(`called: ${params?.name ?? ''}`);
    answer(id, { content: [{ type: 'text', text: 'Greetings from the tool server.' }] });
  } else answer(id, {});
}
