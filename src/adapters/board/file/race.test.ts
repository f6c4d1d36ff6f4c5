import { expect, it } from 'vitest';
import { race } from '../../../../test/board/race.ts';

it(
  'loses and doubles no line, and takes none out, however it is saved: 16 ways, in bursts, late, in pieces',
  { timeout: 240_000 },
  async () => {
    const edits = Number(process.env.TAC8_BOARD_MIXED ?? 30);
    const seed = Number(process.env.TAC8_BOARD_SEED ?? 1);
    const { lost, faults, inCopies } = await race(edits, seed, 'exchange', 'mixed');
    expect({ seed, lost, faults }).toEqual({ seed, lost: [], faults: [] });
    expect(inCopies.length).toBeLessThanOrEqual(1);
  },
);

it('loses and doubles no line while the editors are stopped in the midst of a save', { timeout: 240_000 }, async () => {
  const seed = Number(process.env.TAC8_BOARD_SEED ?? 14);
  const { lost, faults } = await race(Number(process.env.TAC8_BOARD_STALLED ?? 25), seed, 'exchange', 'mixed', 'children');
  expect({ seed, lost, faults }).toEqual({ seed, lost: [], faults: [] });
});

it('loses and doubles no line while time passes between any two calls of a save', { timeout: 240_000 }, async () => {
  const seed = Number(process.env.TAC8_BOARD_SEED ?? 7);
  const { lost, faults } = await race(Number(process.env.TAC8_BOARD_CUT ?? 12), seed, 'exchange', 'mixed cut');
  expect({ seed, lost, faults }).toEqual({ seed, lost: [], faults: [] });
});

it('loses no edit of four editors while the daemon writes as often as it can', { timeout: 120_000 }, async () => {
  const edits = Number(process.env.TAC8_BOARD_EDITS ?? 250);
  const result = await race(edits, Number(process.env.TAC8_BOARD_SEED ?? 1));
  expect(result).toMatchObject({ edits, lost: [], faults: [] });
  expect(result.inCopies.length).toBeLessThanOrEqual(Math.ceil(edits / 500));
  expect(result.writes).toBeGreaterThan(3);
});
