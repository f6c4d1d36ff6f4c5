import { join } from 'node:path';
import type { Place } from '../place/place.ts';
import { diskNow } from './hindrance.ts';
import { daemonAt, openForReading } from './open.ts';
import { readRefusals } from './refused/refusals.ts';
import { readStatus, type StatusReport } from './status.ts';

/** The status of a repository as it is now: waits for no git, no GitHub and no daemon. */
export function statusAt(place: Place): StatusReport {
  const holder = daemonAt(place);
  const store = openForReading(place);
  try {
    return readStatus(store, Date.now(), holder, diskNow(place, holder !== null), readRefusals(join(place.state, 'egress')));
  } finally {
    store.close();
  }
}
