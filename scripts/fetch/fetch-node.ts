import { join } from 'node:path';
import { ensureFile } from './fetch-package.ts';

/** The oldest Node that tac8 is installed with, and the oldest that it runs on; the values are checksums by processor. */
const VERSIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '20.20.2': {
    x64: 'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
    arm64: 'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
  },
  '22.23.5': {
    x64: 'sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==',
    arm64: 'sha512-e1LOUGKVruPGuLVutn8+Cgm5pI1APm4Kvh+zbb/qe/ZpD9s+TQby5iUgZOWmPpbSKpj0Td8DP1N0NEnXasHizg==',
  },
};

/** The folder of a Node's program, once fetched: what goes to the front of PATH. */
export const nodeFolder = (cacheDir: string, version: string): string => join(cacheDir, 'node', version);

/** Fetches the programs of older Nodes, for the tests that install tac8 on them. Does nothing on processors that none is pinned for. */
export async function ensureNodes(cacheDir: string): Promise<void> {
  for (const [version, checksums] of Object.entries(VERSIONS)) {
    const integrity = checksums[process.arch];
    if (process.platform !== 'linux' || integrity === undefined) return;
    const spec = `node-linux-${process.arch}@${version}`;
    await ensureFile({ spec, integrity, file: 'package/bin/node', path: join(nodeFolder(cacheDir, version), 'node'), program: true });
  }
}
