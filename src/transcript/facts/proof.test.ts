import { expect, it, test } from 'vitest';
import type { EventOf } from '../../agents/words/events.ts';
import type { Proof } from '../../core/agent/proof.ts';
import { beginProof, endProof } from './proof.ts';

const start = (id: string, name: string, input: unknown): EventOf<'tool_start'> => ({
  ...{ kind: 'tool_start', at: null, parent: null, id, name, input, message: null, usage: null },
});
const end = (id: string, ok = true): EventOf<'tool_end'> => ({
  kind: 'tool_end',
  at: null,
  parent: null,
  id,
  ok,
  output: '',
  detail: null,
});
const after = (...calls: readonly (readonly [name: string, input: unknown, ok?: boolean])[]): Proof | undefined =>
  calls.reduce<Proof | undefined>(
    (proof, [name, input, ok], n) => endProof(beginProof(proof, start(`t${n}`, name, input)), end(`t${n}`, ok)),
    undefined,
  );
const run = (command: string) => ['Bash', { command }] as const;
const EDIT = ['Edit', { file_path: 'a' }] as const;

/** Fresh: the newest tests ran after the last change that was seen. */
test.each<[string, Proof | undefined, { fresh: boolean; ok: boolean | null } | null]>([
  ['an edit, then tests', after(EDIT, run('npm test')), { fresh: true, ok: true }],
  ['tests, then an edit', after(EDIT, run('npm test'), EDIT), { fresh: false, ok: true }],
  ['tests that fail', after(EDIT, [...run('cargo test'), false]), { fresh: true, ok: false }],
  ['tests whose end is hidden', after(EDIT, run('npx vitest run | tail -5')), { fresh: true, ok: null }],
  ['hidden, and failed all the same', after(EDIT, [...run('pytest -q || true; exit 1'), false]), { fresh: true, ok: false }],
  ['a change by the shell', after(EDIT, run('go test ./...'), run('sed -i s/a/b/ x.go')), { fresh: false, ok: true }],
  ['a file written by the shell', after(run('make test'), run('echo x > a.txt')), { fresh: false, ok: true }],
  ['a change and tests in one command', after(run('git checkout main -- a && npm run test')), { fresh: true, ok: true }],
  ['tests and a change in one command', after(run('npm t && sed -i s/a/b/ c')), { fresh: false, ok: true }],
  ['tests into a log', after(EDIT, run('npm test > out.log 2>&1')), { fresh: true, ok: true }],
  [
    'looking only',
    after(EDIT, run('npm test'), run('git log 2>&1 >/dev/null; ls'), ['Read', { file_path: 'a' }]),
    { fresh: true, ok: true },
  ],
  ['no tests', after(EDIT, run('ls')), null],
  ['tests in the background', after(EDIT, ['Bash', { command: 'npm test', run_in_background: true }]), null],
  ['the word alone', after(EDIT, run('cat test.txt && echo latest')), null],
])('%s', (_name, proof, expected) => {
  const tests = proof?.tests;
  expect(tests === undefined ? null : { fresh: tests.edits === proof?.edits, ok: tests.ok }).toEqual(expected);
});

it('an edit while tests run makes them stale', () => {
  const begun = beginProof(beginProof(undefined, start('a', 'Bash', { command: 'npm test' })), start('b', 'Write', { file_path: 'x' }));
  const proof = endProof(begun, end('a'));
  expect(proof?.tests?.edits).not.toBe(proof?.edits);
});
