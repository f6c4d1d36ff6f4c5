import { isAbsolute, resolve } from 'node:path';
import type { Step, Turn } from './steps.ts';

/** What matters of a request to the messages endpoint. */
export interface ModelRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly turns: readonly Turn[];
  readonly tools: readonly string[];
  /** The agent's working directory, as its prompt tells it. */
  readonly cwd: string | null;
}

export interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

interface Block {
  readonly type?: string;
  readonly text?: string;
  readonly content?: string | readonly Block[];
}
interface Body {
  readonly model?: string;
  readonly stream?: boolean;
  readonly tools?: readonly { readonly name: string }[];
  readonly messages?: readonly { readonly role: string; readonly content: string | readonly Block[] }[];
}

export function readRequest(raw: string): ModelRequest {
  const body = JSON.parse(raw) as Body;
  return {
    model: body.model ?? 'mock-model',
    stream: body.stream === true,
    turns: (body.messages ?? []).flatMap(turnsOf),
    tools: (body.tools ?? []).map((tool) => tool.name),
    cwd: cwdIn(raw),
  };
}

/** Agents tell the model where they work. */
export const cwdIn = (raw: string): string | null => /(?:[Ww]orking directory|<cwd>)\s*[:>\\n\s-]*\s*(\/[^\s<"\\]+)/.exec(raw)?.[1] ?? null;

function turnsOf({ role, content }: { readonly role: string; readonly content: string | readonly Block[] }): readonly Turn[] {
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  if (role === 'assistant') return [{ role: 'model', text: textOf(blocks) }];
  // Newer agents put messages of the role "system" between: no user text, unless it passes on what a person says mid-run, script and all.
  if (role !== 'user') return textOf(blocks).includes('<mock>') ? [{ role: 'user', text: textOf(blocks) }] : [];
  return blocks.flatMap((block): readonly Turn[] => {
    if (block.type === 'tool_result') return [{ role: 'tool', text: textOf(block.content ?? '') }];
    return block.type === 'text' ? [{ role: 'user', text: block.text ?? '' }] : [];
  });
}

export const textOf = (content: string | readonly Block[]): string =>
  typeof content === 'string' ? content : content.map((block) => block.text ?? '').join('\n');

/** A step as calls of the tools that this agent offers. */
export function callsOf(step: Step, request: ModelRequest): readonly Call[] {
  if (step.tools !== undefined) return step.tools.flatMap((inner) => callsOf(inner, request));
  if (step.tool !== undefined) return [{ name: step.tool, input: step.input ?? {} }];
  if (step.write !== undefined) return [writeCall(step.write, request)];
  if (step.sh !== undefined) return [shellCall(step.sh, request.tools, step.input)];
  return [];
}

/** The shell tool of each agent, by its name. */
const SHELLS: Readonly<Record<string, (command: string) => Call['input']>> = {
  Bash: (command) => ({ command, description: 'mock step' }),
  bash: (command) => ({ command, description: 'mock step' }),
  // It answers after ten seconds as still running, unless it is told to wait.
  exec_command: (cmd) => ({ cmd, yield_time_ms: 60_000 }),
  shell_command: (command) => ({ command }),
  run_shell_command: (command) => ({ command, description: 'mock step' }),
};

function shellCall(command: string, tools: readonly string[], input: Step['input'] = {}): Call {
  const name = Object.keys(SHELLS).find((one) => tools.includes(one)) ?? 'Bash';
  return { name, input: { ...SHELLS[name]?.(command), ...input } };
}

function writeCall(file: { readonly path: string; readonly content: string }, { tools, cwd }: ModelRequest): Call {
  if (tools.includes('Write') && (cwd !== null || isAbsolute(file.path))) {
    return { name: 'Write', input: { file_path: resolve(cwd ?? '/', file.path), content: file.content } };
  }
  return shellCall(`printf %s ${quote(file.content)} > ${quote(file.path)}`, tools);
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
