import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { readHello } from './hello.ts';

/** The greeting of a real client. */
function greeting(servername?: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = new Duplex({ read: () => undefined, write: (bytes: Buffer) => resolve(bytes) });
    connect({ socket, ...(servername === undefined ? {} : { servername }) }).on('error', () => undefined);
  });
}

test('the name in the greeting of a real client', async () => {
  expect(readHello(await greeting('a.example'))).toEqual({ kind: 'tls', name: 'a.example' });
  expect(readHello(await greeting())).toEqual({ kind: 'tls', name: null });
});

test('cut anywhere, it waits for more and never throws', async () => {
  const whole = await greeting('a.example');
  for (let n = 0; n < whole.length; n += 1) expect(readHello(whole.subarray(0, n)).kind).toBe('more');
});

test('with any byte changed, no other name is read than one that is there', async () => {
  const whole = await greeting('a.example');
  for (let n = 0; n < whole.length; n += 1) {
    for (const bit of [1, 0x80]) {
      const changed = Buffer.from(whole);
      changed.writeUInt8((changed[n] ?? 0) ^ bit, n);
      expect(['tls', 'other', 'more']).toContain(readHello(changed).kind);
    }
  }
});

test.each(['GET / HTTP/1.1\r\n\r\n', 'SSH-2.0-x\r\n', '\x16'])('%j is no whole greeting', (text) => {
  expect(readHello(Buffer.from(text, 'latin1')).kind).not.toBe('tls');
});

test('a second name makes it none', async () => {
  const whole = await greeting('a.example');
  const name = whole.indexOf('a.example');
  const changed = Buffer.from(whole);
  changed.writeUInt16BE(4, name - 2); // the name ends early, and something stands behind it
  expect(readHello(changed)).toEqual({ kind: 'other' });
});
