import { describe, it } from 'vitest';
import { PROPERTIES } from '../../../../test/board/properties.ts';

const CASES = Number(process.env.TAC8_BOARD_CASES ?? 2000);

describe('the board, for any file and any edit', () => {
  for (const { name, run } of PROPERTIES) it(name, { timeout: 1_000 * 60 * 60 }, () => run(CASES));
});
