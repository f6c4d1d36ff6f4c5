import { barePath, type Fake } from './fake.ts';
import { ensureBare, fetchFrom } from './git.ts';

/** A bare repository of this owner with all branches of ours; a second call brings the branches up to date. */
export async function ensureFork(fake: Fake, owner: string): Promise<void> {
  const { repo } = fake.store.state;
  const bare = barePath(fake, owner);
  await ensureBare(bare, { defaultBranch: repo.defaultBranch, time: Math.floor(fake.now() / 1000) });
  await fetchFrom(bare, barePath(fake), 'refs/heads/*:refs/heads/*');
  if (repo.forks.includes(owner)) return;
  repo.forks.push(owner);
  fake.store.touch();
}
