import { expect, test } from 'vitest';
import { pictureKind } from './kind.ts';
import { pictureIn, picturesIn } from './pictures.ts';

const png = (width: number, height: number): Buffer => {
  const bytes = Buffer.alloc(64);
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(bytes);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
};
const claude = (bytes: Buffer, type = 'image/png') =>
  JSON.stringify({
    type: 'user',
    message: {
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'a',
          content: [{ type: 'image', source: { type: 'base64', media_type: type, data: bytes.toString('base64') } }],
        },
      ],
    },
  });

test('kinds are told by the bytes, and so are their sizes', () => {
  expect(pictureKind(png(640, 480))).toEqual({ type: 'image/png', width: 640, height: 480 });
  const gif = Buffer.from('GIF89a\x02\x01\x03\x00padding.', 'latin1');
  expect(pictureKind(gif)).toEqual({ type: 'image/gif', width: 258, height: 3 });
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc2, 0, 11, 8, 0, 20, 0, 30, 1, 0, 0]);
  expect(pictureKind(jpeg)).toEqual({ type: 'image/jpeg', width: 30, height: 20 });
  const webp = Buffer.alloc(32);
  webp.write('RIFF....WEBPVP8X', 'latin1');
  webp.writeUIntLE(99, 24, 3);
  webp.writeUIntLE(49, 27, 3);
  expect(pictureKind(webp)).toEqual({ type: 'image/webp', width: 100, height: 50 });
});

test.each([
  ['a script', Buffer.from('<script>alert(1)</script>')],
  ['a drawing that can run scripts', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
  ['nothing', Buffer.alloc(0)],
  ['the first bytes of one', Buffer.from([0xff, 0xd8])],
  ['parts without an end', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xe0, 0, 0])],
])('%s is no picture, whatever is said of it', (_, bytes) => {
  expect(pictureKind(bytes)).toBeNull();
  expect(picturesIn(claude(bytes))).toEqual([null]);
  expect(pictureIn(claude(bytes), 0)).toBe('no picture');
});

test('what would be drawn larger than a browser should draw is not given to it', () => {
  expect(picturesIn(claude(png(60_000, 60_000)))).toEqual([null]);
  expect(pictureIn(claude(png(8_000, 8_000)), 0)).toBe('too large');
  expect(pictureIn(claude(png(4_000, 4_000)), 0)).toMatchObject({ type: 'image/png', width: 4_000 });
});

test('pictures are found in the forms of all kinds of agents; not many of one line', () => {
  const data = png(1, 2).toString('base64');
  const kind = { type: 'image/png', width: 1, height: 2 };
  const mcp = { type: 'item.completed', item: { result: { content: [{ type: 'image', mimeType: 'image/png', data }] } } };
  const acp = { method: 'session/update', params: { content: [{ type: 'content', content: { type: 'image', data } }] } };
  for (const line of [claude(png(1, 2)), JSON.stringify(mcp), JSON.stringify(acp)]) expect(picturesIn(line)).toEqual([kind]);
  expect(picturesIn(JSON.stringify({ all: Array.from({ length: 500 }, () => ({ type: 'image', data })) })).length).toBe(20);
  expect(picturesIn('no "image" but words')).toEqual([]);
  expect(pictureIn(claude(png(1, 2)), 1)).toBe('no picture');
});
