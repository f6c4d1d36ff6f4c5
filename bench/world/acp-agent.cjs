/* An agent that speaks the Agent Client Protocol and takes its prompt, and then waits: what is measured is who stands between it and its log. */
const { createInterface } = require('node:readline');

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (method === 'initialize') send({ id, result: { protocolVersion: 1, agentCapabilities: {} } });
  if (method === 'session/new') send({ id, result: { sessionId: 'a' } });
  if (method !== 'session/prompt') return;
  const update = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'I wait.' } };
  send({ method: 'session/update', params: { sessionId: 'a', update } });
  const tool = { sessionUpdate: 'tool_call', toolCallId: 'one', kind: 'execute', title: 'wait', status: 'in_progress' };
  send({ method: 'session/update', params: { sessionId: 'a', update: tool } });
});
