import { renameSync, rmSync, symlinkSync } from 'node:fs';

/** Makes `link` lead to `target`, by a new link and a rename: there is no moment without one. `mark`: tells this change from others at the same time. */
export function pointTo(link: string, target: string, mark: string): void {
  const fresh = `${link}.${mark}`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh);
  renameSync(fresh, link);
}
