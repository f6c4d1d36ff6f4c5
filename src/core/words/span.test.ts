import { expect, it } from 'vitest';
import { age, asWritten, duration, waited } from './span.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

it.each([
  [-5, '0 s', '0.0 s', '0.0 s', '-0.005s'],
  [400, '0 s', '0.4 s', '0.4 s', '0.4s'],
  [1_500, '2 s', '1.5 s', '1.5 s', '1.5s'],
  [12_400, '12 s', '12 s', '12.4 s', '12.4s'],
  [MINUTE, '1 m', '1 m 00 s', '1 m 00 s', '1m'],
  [185 * SECOND, '3 m', '3 m 05 s', '3 m 05 s', '185s'],
  [5 * MINUTE, '5 m', '5 m 00 s', '5 m 00 s', '5m'],
  [2 * HOUR, '2 h', '2 h 00 m', '2 h 00 m', '2h'],
  [130 * MINUTE, '2 h 10 m', '2 h 10 m', '2 h 10 m', '130m'],
  [75 * HOUR, '3 d', '75 h 00 m', '75 h 00 m', '75h'],
])('%d ms: %s old, %s long, waited for %s, set as %s', (ms, old, long, wait, written) => {
  expect([age(ms), duration(ms), waited(ms), asWritten(ms)]).toEqual([old, long, wait, written]);
});
