import { join } from 'node:path';
import { ensureClaude } from './fetch/fetch-claude.ts';
import { ensureCodex } from './fetch/fetch-codex.ts';
import { ensureGemini } from './fetch/fetch-gemini.ts';
import { ensureNodes } from './fetch/fetch-node.ts';
import { ensureOpenApi } from './fetch/fetch-openapi.ts';
import { ensureOpencode } from './fetch/fetch-opencode.ts';

/** Fetches the files that the tests need and package.json cannot bring, into .cache; says nothing when all are there. */
try {
  const cache = join(import.meta.dirname, '../.cache');
  const agents = [ensureClaude(cache), ensureCodex(cache), ensureOpencode(cache), ensureGemini(cache)];
  await Promise.all([ensureOpenApi(cache), ensureNodes(cache), ...agents]);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
