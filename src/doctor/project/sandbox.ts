import type { Choice } from '../../compose/sandbox/sandbox.ts';
import { about, type Finding } from '../finding/finding.ts';

/** `choose` makes a box for real where the settings want one. */
export function checkSandbox(choose: () => Choice): readonly Finding[] {
  const { ok, warn, bad } = about('sandbox', 'An agent is steered by text from outside: a sandbox holds what it sees and reaches.');
  const choice = choose();
  if (choice.kind === 'bwrap') return [ok('bubblewrap makes a box here; `tac8 sandbox show N` prints what a worker gets')];
  if (choice.kind === 'refused')
    return [
      bad(`no worker starts: ${choice.why}`, 'apt install bubblewrap; or write sandbox: { kind: none } into tac8.yaml to do without'),
    ];
  if (choice.chosen) return [ok('workers run without one, as tac8.yaml says')];
  return [
    warn(
      'workers run without one: they see the files of this user and reach every host',
      'write sandbox: { kind: auto } (or none) into tac8.yaml, then `tac8 reload`',
    ),
  ];
}
