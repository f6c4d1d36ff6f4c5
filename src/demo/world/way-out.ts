import { join } from 'node:path';
import { running } from '../../adapters/egress/egress.ts';
import { sendSignal } from '../../adapters/process/proc/proc.ts';

/**
 * Ends the one way out of the sandboxes, which is made to outlive its daemon. It bears no mark: its environment holds nothing but
 * certificates. Does nothing where there is none.
 */
export function endWayOut(widgets: string): void {
  const there = running(join(widgets, '.tac8/egress'));
  if (there !== null) sendSignal(there.pid, 'SIGTERM');
}
