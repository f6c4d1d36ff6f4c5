import { createHash } from 'node:crypto';
import { type Fake, stamp, takeId } from './fake.ts';
import { ROLES, type Role, type User } from './state.ts';

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export const findUser = (fake: Fake, login: string): User | null => fake.store.state.users.find((user) => same(user.login, login)) ?? null;

export const userOfToken = (fake: Fake, token: string): User | null =>
  fake.store.state.users.find((user) => user.tokens.includes(token)) ?? null;

export interface NewUser {
  readonly login: string;
  readonly role: Role;
  /** The name of a custom role that inherits from `role`. */
  readonly roleName?: string;
  readonly token?: string;
  readonly type?: User['type'];
}

/** Adds the user, or changes the role of one that is there. Answers a token of theirs. */
export function putUser(fake: Fake, wanted: NewUser): { readonly user: User; readonly token: string } {
  const { state } = fake.store;
  let user = findUser(fake, wanted.login);
  if (user === null) {
    const { login, role, type = 'User', roleName = null } = wanted;
    user = { id: takeId(fake), login, type, role, roleName, tokens: [], createdAt: stamp(fake) };
    state.users.push(user);
  }
  user.role = wanted.role;
  user.roleName = wanted.roleName ?? null;
  const token = wanted.token ?? user.tokens[0] ?? inventToken(fake, user);
  if (!user.tokens.includes(token)) user.tokens.push(token);
  fake.store.touch();
  return { user, token };
}

/** Of the shape of a real one, so that whatever hides tokens hides it too; the same for the same user and folder. */
function inventToken(fake: Fake, user: User): string {
  const digest = createHash('sha512').update(`${fake.dir}\n${user.login}\n${user.id}`).digest('base64url');
  return `ghp_${digest.replace(/[-_]/g, '0').slice(0, 36)}`;
}

/** The account is gone: its issues are the ghost's, and its events have no actor. */
export function removeUser(fake: Fake, login: string): void {
  const { state } = fake.store;
  state.users = state.users.filter((user) => !same(user.login, login));
  fake.store.touch();
}

/** What they may do here; on a public repository everybody may read. Null: nobody is logged in. */
export function roleOf(fake: Fake, user: User | null): Role {
  const floor: Role = fake.store.state.repo.private ? 'none' : 'read';
  const role = user?.role ?? 'none';
  return ROLES.indexOf(role) > ROLES.indexOf(floor) ? role : floor;
}

export const may = (fake: Fake, user: User | null, least: Role): boolean => ROLES.indexOf(roleOf(fake, user)) >= ROLES.indexOf(least);

/** As the API's `permission` says it: no word for maintain and triage. */
export function permissionWord(role: Role): 'admin' | 'write' | 'read' | 'none' {
  if (role === 'maintain') return 'write';
  if (role === 'triage') return 'read';
  return role;
}

/** About the author of a text, and no permission. */
export function association(fake: Fake, login: string): string {
  const { repo, issues } = fake.store.state;
  if (same(login, repo.owner)) return 'OWNER';
  const user = findUser(fake, login);
  if (user !== null && user.role !== 'none') return 'COLLABORATOR';
  const merged = issues.some((issue) => same(issue.author, login) && issue.pull?.mergedAt != null);
  return merged ? 'CONTRIBUTOR' : 'NONE';
}
