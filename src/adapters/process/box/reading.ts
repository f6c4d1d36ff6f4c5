import { PortError } from '../../../engine/ports/error.ts';
import { runChild } from '../child/child.ts';
import { findBwrap, wallWords } from './bwrap.ts';
import { seccompFilter } from './filter.ts';
import { systemWords } from './view.ts';

export interface Reading {
  /** What it sees besides programs; nothing of it is written. */
  readonly show: readonly { readonly from: string; readonly to: string }[];
  readonly script: string;
  readonly args: readonly string[];
  /** An open file: its descriptor 3. No file that it writes grows beyond `most` bytes. */
  readonly into: number;
  readonly most: number;
  readonly timeoutMs: number;
}

const BLOCK = 512;
/** Of what it says beside the file. */
const MOST_SAID = 768 * 1024 * 1024;

/**
 * A script of ours over files that are somebody else's, in a box with no network, no key and nothing to write. Its input is the filter of system
 * calls. Its end is the caller's: nothing of it outlives this process.
 */
export async function readInBox(reading: Reading): Promise<{ readonly code: number | null; readonly out: Buffer; readonly err: string }> {
  const bwrap = findBwrap();
  const filter = seccompFilter(process.arch);
  if (bwrap === null || filter === null)
    throw new PortError('terminal', 'there is no sandbox to read it in', { hint: 'Install bubblewrap.' });
  const words = [
    ...wallWords({ nested: false }, true),
    ...systemWords(),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--tmpfs', '/run'],
    ...reading.show.toSorted((a, b) => a.to.split('/').length - b.to.split('/').length).flatMap(({ from, to }) => ['--ro-bind', from, to]),
    ...['--remount-ro', '/', '--chdir', '/tmp', '--seccomp', '0', '--', '/bin/sh', '-c', reading.script, 'tac8-read', ...reading.args],
  ];
  const limit = String(Math.ceil(reading.most / BLOCK));
  const { end, out, err } = await runChild('/bin/sh', ['-c', 'ulimit -f "$1"; shift; exec "$@"', 'tac8-read', limit, bwrap, ...words], {
    env: {
      PATH: '/usr/bin:/bin',
      HOME: '/tmp',
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_OPTIONAL_LOCKS: '0',
    },
    input: { text: filter.toString('latin1'), encoding: 'latin1' },
    share: reading.into,
    timeoutMs: reading.timeoutMs,
    output: { most: MOST_SAID, beyond: 'end' },
  });
  if (end.kind === 'not started') throw new PortError('retryable', `the box does not start: ${end.error.message}`);
  return {
    code: end.kind === 'exit' ? end.code : null,
    out,
    err: end.kind === 'exit' ? err.toString('utf8') : `it was ended: ${end.kind}`,
  };
}
