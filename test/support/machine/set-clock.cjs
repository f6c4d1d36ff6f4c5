'use strict';
/*
 * A wall clock that is set while the program runs: `NODE_OPTIONS=--require …/set-clock.cjs`. The file that TAC8_TEST_CLOCK names says by how many
 * milliseconds it is off; the clock that nobody sets, and the times of files, stay as they are.
 */
const { readFileSync } = require('node:fs');

const path = process.env.TAC8_TEST_CLOCK;
const Real = Date;
let [off, readAt] = [0, Number.NEGATIVE_INFINITY];

function now() {
  if (performance.now() - readAt > 10) {
    readAt = performance.now();
    try {
      off = Number(readFileSync(path, 'utf8')) || 0;
    } catch {
      off = 0;
    }
  }
  return Real.now() + off;
}

globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(now());
    else super(...given);
  }

  static now() {
    return now();
  }
};
