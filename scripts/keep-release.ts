import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keepRelease } from '../test/support/release/keep.ts';

/*
 * Keeps what a release leaves behind when its daemon dies, for the tests of all later versions: `node scripts/keep-release.ts [CHECKOUT]`.
 * CHECKOUT is the release's own checkout after its `npm ci`; by default this one, which is what a release step wants.
 */
const ROOT = join(import.meta.dirname, '..');
const checkout = resolve(process.argv[2] ?? ROOT);
const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };
const into = join(ROOT, 'test/fixtures/releases', version);
await keepRelease(join(checkout, 'src/main.ts'), version, into);
process.stdout.write(`${into}\n`);
