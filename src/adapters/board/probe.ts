import { exchange } from './exchange.ts';
import { discard, writeBeside } from './file.ts';

/** Whether two files beside the board can change places. */
export async function tryExchange(target: string): Promise<boolean> {
  const one = await writeBeside(target, '1', null);
  const two = await writeBeside(target, '2', null);
  try {
    return (await exchange(one, two)) === 'done';
  } finally {
    await discard(one);
    await discard(two);
  }
}
