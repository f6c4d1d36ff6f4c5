import { createHash, createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { tokenOf } from '../rest/api.ts';
import type { Answer } from '../state/answer.ts';
import { barePath, type Fake } from '../state/fake.ts';
import { userOfToken } from '../state/people.ts';
import type { Exchange } from './exchange.ts';
import { refuse } from './git-http.ts';
import { toWire, type Wire } from './respond.ts';

/** What a request for files of git-lfs asks for: the list of where they are, or one of them. */
export interface LfsTarget {
  readonly name: string;
  /** Null: the list. */
  readonly oid: string | null;
}

const TARGET = /^\/([^/]+\/[^/]+?)\.git\/info\/lfs\/(?:objects\/batch|storage\/([0-9a-f]{64}))$/;

export function lfsTarget(path: string): LfsTarget | null {
  const match = TARGET.exec(path);
  return match === null ? null : { name: match[1] ?? '', oid: match[2] ?? null };
}

const batchShape = z.object({
  operation: z.enum(['upload', 'download']),
  objects: z.array(z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().nonnegative() })),
});

const SECRET = randomBytes(32);
/** The storage knows no tokens of the forge: what may be done there is said by whoever answered the list. */
const permit = (what: string, oid: string): string => `RemoteAuth ${createHmac('sha256', SECRET).update(`${what} ${oid}`).digest('hex')}`;

/** Forks share the files, as on GitHub. */
const placeOf = (fake: Fake, oid: string): string => join(barePath(fake), 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);

export function answerLfs(fake: Fake, { name, oid }: LfsTarget, one: Exchange): Wire {
  if (oid !== null) return storage(fake, oid, one);
  const token = tokenOf(one.request.headers.authorization);
  const user = token === null ? null : userOfToken(fake, token);
  const { operation, objects } = batchShape.parse(JSON.parse(one.body.toString('utf8')));
  const writes = operation === 'upload';
  const refused = refuse(fake, { name, rest: 'info/lfs', writes }, user, token !== null);
  if (refused !== null) return toWire(said(refused.status, refused.body.trim(), refused.headers), 'POST');
  const action = (id: string) => ({
    href: `${fake.url()}/${name}.git/info/lfs/storage/${id}`,
    header: { Authorization: permit(operation, id) },
    expires_in: 600,
  });
  const listed = objects.map(({ oid: id, size }) => {
    const there = existsSync(placeOf(fake, id));
    if (!writes && !there) return { oid: id, size, error: { code: 404, message: 'Object does not exist on the server' } };
    return { oid: id, size, authenticated: true, ...(writes && there ? {} : { actions: { [operation]: action(id) } }) };
  });
  return toWire({ status: 200, body: { transfer: 'basic', objects: listed }, headers: TYPE }, 'POST');
}

const TYPE = { 'content-type': 'application/vnd.git-lfs+json' };
const said = (status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  body: { message },
  headers: { ...headers, ...TYPE },
});

function storage(fake: Fake, oid: string, { method, request, body }: Exchange): Wire {
  const path = placeOf(fake, oid);
  if (request.headers.authorization !== permit(method === 'PUT' ? 'upload' : 'download', oid))
    return toWire(said(403, 'No permit.'), 'POST');
  if (method !== 'PUT') return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: readFileSync(path) };
  if (createHash('sha256').update(body).digest('hex') !== oid) return toWire(said(422, 'The content is not what its name says.'), 'POST');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, body);
  return { status: 200, headers: {}, body: Buffer.alloc(0) };
}
