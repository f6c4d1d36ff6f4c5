import { createCalls } from '../../adapters/machines/calls.ts';
import { openDatabase } from '../../adapters/machines/database.ts';
import { sharedOn } from '../../adapters/machines/shared.ts';
import { ATTACH_ASK, type AttachAsk } from '../../adapters/machines/wire.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { plainShellWord } from '../../core/words/shell-word.ts';
import { postgresUrl } from '../../machines/open.ts';
import type { Project } from '../../place/project.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';

interface There extends Omit<AttachAsk, 'kind'> {
  readonly stays: string;
  readonly hint: string;
}

const say = (words: string): void => void process.stdout.write(`${words}\n`);

/** The conversation is on another machine: tells what to type there, and waits until the person has left it. */
export async function converseThere({ settings }: Project, machine: string, { stays, hint, ...ask }: There): Promise<void> {
  if (settings.machines === null)
    throw new Exit(EXIT.refused, `the conversation of ${ask.task} is on the machine ${machine}, and tac8.yaml names no machines`, hint);
  const database = await openDatabase(postgresUrl(settings.machines, process.env), settings.machines.schema);
  const left = new AbortController();
  const leave = (): void => left.abort();
  process.once('SIGINT', leave);
  try {
    const calls = createCalls(sharedOn(database));
    const dir = await folderOf(() => calls.ask(machine, { kind: 'where' }, left.signal));
    const call = `tac8 runner --join … --dir ${dir === null ? '…' : plainShellWord(dir)} --name ${machine} --attach ${ask.task}`;
    say(`The conversation of ${ask.task} is on ${machine}. There, with --join as its runner has it:\n  ${call}`);
    say('It is handed back when you have left it; Ctrl-C here leaves the task paused.');
    await calls.ask(machine, { ...ask, kind: ATTACH_ASK } satisfies AttachAsk, left.signal);
  } catch (error) {
    if (left.signal.aborted) throw new Exit(EXIT.refused, stays, hint);
    throw new Exit(EXIT.failed, `${messageOf(error)}: ${stays}`, hint);
  } finally {
    process.off('SIGINT', leave);
    await database.close();
  }
}

/** Null: a runner of the version before does not tell. */
async function folderOf(ask: () => Promise<unknown>): Promise<string | null> {
  const answer = await ask().catch((error: unknown) => {
    if (/does not know the request/.test(messageOf(error))) return null;
    throw error;
  });
  const { folder } = (answer ?? {}) as { folder?: unknown };
  return typeof folder === 'string' ? folder : null;
}
