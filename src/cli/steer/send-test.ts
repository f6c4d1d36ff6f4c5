import { forgeAddress } from '../../compose/forge-address.ts';
import { composeNotifier } from '../../compose/notifier.ts';
import type { Notice } from '../../core/model/alert.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Notifier } from '../../engine/ports/outside/notifier.ts';
import { originUrl } from '../../place/origin.ts';
import { openProject, type Project } from '../../place/project.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';

export interface TestOptions {
  readonly to?: string;
  readonly json?: true;
}

interface Told {
  readonly channel: string;
  readonly ok: boolean;
  readonly answer: string;
  readonly ms: number;
}

/** Tells each channel of the settings, side by side, and prints what it answered. Throws when one did not take it. */
export async function sendTest(from: string, { to, json }: TestOptions): Promise<void> {
  const project = await openProject(from, process.env);
  const { notify } = project.settings;
  if (notify.length === 0) {
    throw new Exit(
      EXIT.usage,
      'there is nobody to tell: tac8.yaml has no notify',
      'For example: notify: [{ kind: slack, url_env: SLACK_WEBHOOK }]',
    );
  }
  const chosen = notify.filter(({ name }) => to === undefined || name === to);
  if (chosen.length === 0)
    throw new Exit(EXIT.refused, `there is no ${to} in notify`, `There are: ${notify.map(({ name }) => name).join(', ')}.`);
  const notifier = composeNotifier({ root: project.root, repo: repositoryOf(project), env: process.env, settings: () => project.settings });
  const told = await Promise.all(chosen.map(({ name }) => tryChannel(notifier, name)));
  if (json) process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  else for (const one of told) process.stdout.write(`${lineOf(one)}\n`);
  const failed = told.filter(({ ok }) => !ok);
  if (failed.length > 0) throw new Exit(EXIT.failed, `${failed.map(({ channel }) => channel).join(', ')} did not take it`);
}

async function tryChannel(notifier: Notifier, channel: string): Promise<Told> {
  const at = Date.now();
  const notice: Notice = {
    id: `test@${at}`,
    event: 'test',
    rule: 'test',
    task: null,
    text: 'This is a test: you would be told here when a person is needed.',
    hint: '',
    at,
    since: at,
  };
  try {
    const answer = await notifier.tell(channel, notice, new AbortController().signal);
    return { channel, ok: true, answer, ms: Date.now() - at };
  } catch (error) {
    return { channel, ok: false, answer: messageOf(error), ms: Date.now() - at };
  }
}

function lineOf({ channel, ok, answer, ms }: Told): string {
  const words = answer === '' ? 'without a word' : answer;
  return ok ? `${paint('green', '✓')} ${channel}: answered in ${ms} ms: ${words}` : `${paint('red', '✗')} ${channel}: ${words}`;
}

/** `owner/name`; null: no GitHub. Asks nobody. */
function repositoryOf(project: Project): string | null {
  const address = forgeAddress(project.settings, originUrl(project.gitDir));
  return address === null ? null : `${address.owner}/${address.name}`;
}
