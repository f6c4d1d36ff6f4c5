import { join } from 'node:path';
import { readPlainSync } from '../../files/open-plain.ts';

/** What the workers of a task sent to a host and received from it, over all their runs. */
export interface Traffic {
  readonly task: string;
  readonly host: string;
  readonly requests: number;
  readonly sent: number;
  readonly received: number;
}

const MOST = 16 * 1024 * 1024;

/** As the way out counted it; most bytes first. */
export function readTraffic(dir: string): readonly Traffic[] {
  try {
    const path = join(dir, 'traffic.json');
    const tasks = JSON.parse(readPlainSync(path, MOST)) as Record<string, Record<string, Omit<Traffic, 'task' | 'host'>>>;
    const found = Object.entries(tasks).flatMap(([task, hosts]) =>
      Object.entries(hosts).map(([host, { requests, sent, received }]) => ({
        ...{ task, host, requests: Number(requests), sent: Number(sent), received: Number(received) },
      })),
    );
    return found.sort((a, b) => b.sent + b.received - a.sent - a.received);
  } catch {
    return []; // nothing went through yet
  }
}
