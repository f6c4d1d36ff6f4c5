/** What the first bytes of a connection say: a TLS greeting with the name in it, no TLS at all, or too little yet. */
export type Hello = { readonly kind: 'tls'; readonly name: string | null } | { readonly kind: 'other' } | { readonly kind: 'more' };

const [HANDSHAKE, CLIENT_HELLO, SERVER_NAME, MOST] = [0x16, 1, 0, 16 * 1024 + 5];

/** Reads the server's name in a ClientHello that is in one record, as every client sends it. Never throws. */
export function readHello(bytes: Buffer): Hello {
  if (bytes.length === 0) return { kind: 'more' };
  if (bytes[0] !== HANDSHAKE) return { kind: 'other' };
  if (bytes.length < 5) return { kind: 'more' };
  const length = bytes.readUInt16BE(3);
  if (length + 5 > MOST) return { kind: 'other' };
  if (bytes.length < length + 5) return { kind: 'more' };
  try {
    return { kind: 'tls', name: nameIn(bytes.subarray(5, 5 + length)) };
  } catch {
    return { kind: 'other' }; // cut short or made up
  }
}

function nameIn(hello: Buffer): string | null {
  if (hello.readUInt8(0) !== CLIENT_HELLO) throw new Error('no ClientHello');
  let at = 4 + 2 + 32;
  at += 1 + hello.readUInt8(at);
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello.readUInt8(at);
  if (at === hello.length) return null;
  const end = at + 2 + hello.readUInt16BE(at);
  if (end > hello.length) throw new Error('in more than one record');
  let name: string | null = null;
  for (at += 2; at < end; ) {
    const [type, size] = [hello.readUInt16BE(at), hello.readUInt16BE(at + 2)];
    if (type === SERVER_NAME) {
      if (name !== null || hello.readUInt8(at + 6) !== 0) throw new Error('two names');
      const length = hello.readUInt16BE(at + 7);
      if (length + 5 !== size) throw new Error('two names');
      name = hello.toString('latin1', at + 9, at + 9 + length).toLowerCase();
    }
    at += 4 + size;
  }
  return name;
}
