import type { Socket } from 'node:net';

export type Line = Readonly<Record<string, unknown>>;

const MOST = 64 * 1024;

/** The first line that comes, as an object. Throws when none comes, it is too long, or it is no JSON object. */
export function readLine(socket: Socket): Promise<Line> {
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (): void => {
      socket.off('data', take).off('end', broken).off('close', broken);
    };
    const broken = (): void => {
      end();
      reject(new Error('the connection ended before a line came'));
    };
    const take = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
      const [line, rest] = text.split('\n', 2);
      if (rest === undefined && text.length <= MOST) return;
      end();
      const value = text.length <= MOST ? parsed(line ?? '') : null;
      if (value === null) reject(new Error('this is not a line of JSON'));
      else resolve(value);
    };
    socket.on('data', take).on('end', broken).on('close', broken);
  });
}

function parsed(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
