import { Writable } from 'node:stream';

/** A stream that keeps what is written to it. */
export interface Kept extends Writable {
  text(): string;
}

export function kept(): Kept {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  return Object.assign(stream, { text: () => Buffer.concat(chunks).toString('utf8') });
}
