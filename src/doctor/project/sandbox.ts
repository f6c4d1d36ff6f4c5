import type { Choice } from '../../compose/sandbox/sandbox.ts';
import type { Outcome } from '../../escape/escapes.ts';
import { escaped } from '../../escape/proof.ts';
import { about, type Finding } from '../finding/finding.ts';

/** `choose` makes a box for real where the settings want one; `tryOut` tries ways out of one (null: nothing is tried). */
export async function checkSandbox(choose: () => Choice, tryOut: (() => Promise<Outcome>) | null): Promise<readonly Finding[]> {
  const { ok, warn, bad, unknown } = about('sandbox', 'Text from outside steers an agent: a sandbox limits what it sees and reaches.');
  const choice = choose();
  if (choice.kind === 'bwrap') {
    const system = choice.image === null ? '' : ` with the files of the image ${choice.image.name}`;
    const works = ok(`bubblewrap makes a box here${system}; \`tac8 sandbox show N\` prints what a worker gets`);
    if (tryOut === null) return [works];
    const outcome = await tryOut();
    const { attempts, out, idle, rare } = outcome;
    if (out.length > 0) return [works, bad(escaped(outcome), 'start no worker here, and report it: see SECURITY.md')];
    if (idle.length > 0)
      return [
        works,
        unknown(`${idle.length} of ${attempts} ways out do nothing outside either, and so say nothing: ${idle.slice(0, 5).join('; ')}`),
      ];
    return [
      works,
      ok(`${attempts} ways out of a box were tried, none led out (${attempts - rare.length} of them lead somewhere without one)`),
    ];
  }
  if (choice.kind === 'refused')
    return [bad(`no worker starts: ${choice.why}`, 'mend that; or write sandbox: { kind: none } into tac8.yaml to do without')];
  if (choice.chosen) return [ok('workers run without one, as tac8.yaml says')];
  return [
    warn(
      'workers run without one: they see the files of this user and reach every host',
      'write sandbox: { kind: auto } (or none) into tac8.yaml, then `tac8 reload`',
    ),
  ];
}
