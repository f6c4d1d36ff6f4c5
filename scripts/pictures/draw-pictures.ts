import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PICTURES, watchDemo } from './demo-moments.ts';
import { terminalPicture } from './terminal-picture.ts';

/* `npm run pictures`: runs the demo and draws what `tac8 status` and `tac8 view` say of it into docs/pictures/. */

const COLUMNS = 136;
const COLOURS = { FORCE_COLOR: '1' };
const SECTIONS = ['Needs you', 'Failed', 'Running', 'running · ', 'Waiting', 'Done today'];
/** Says more of the machine that draws than of the demo. */
const SLOW = /a tick of the loop took/;

let best = { shown: 0, status: '' };
let transcript = '';
let folder = '';

await watchDemo(0.1, (demo, worth) => {
  folder = demo.place;
  try {
    if (worth > 0) {
      // Looked at in the text itself: the moment may be over by then.
      const status = demo.say(['status'], COLOURS);
      const shown = SECTIONS.filter((section) => status.includes(section)).length + (SLOW.test(status) ? 0 : 0.5);
      if (shown > best.shown) best = { shown, status };
    }
    transcript = demo.say(['view', 'gh-2', '--no-pager'], COLOURS);
  } catch {
    // The demo is about to end: what was seen before counts.
  }
  return 'more';
});
if (!transcript.includes('outcome done')) throw new Error('the demo ended before its second attempt was seen to the end');
draw('status', best.status, 'tac8 status');
draw('transcript', transcript, 'tac8 view 2');

function draw(name: string, output: string, command: string): void {
  mkdirSync(PICTURES, { recursive: true });
  const shown = `\u001b[90m$ \u001b[39m${command}\n${output.replaceAll(folder, '/srv')}`;
  writeFileSync(join(PICTURES, `${name}.svg`), terminalPicture(shown, COLUMNS, `What ${command} prints during the demo`));
}
