import { appendFileSync } from 'node:fs';
import { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';

/*
 * Every server over HTTP that any test starts in its own process: none but the fake GitHub, whose tokens they are, and what stands for it, may be shown a login of it.
 * What is seen all the same goes into the file that the tripwire of the whole run looks at (`tripwire.ts`).
 */

const TOKEN = /\bghp_[0-9A-Za-z]{36}\b/;
const ASKED = new Set<unknown>(['request', 'connect', 'upgrade', 'checkContinue']);

/** Who makes it listen: the fake, or the company that it is behind. */
const FORGE = /\/(?:forge-fake\/server|network\/company)\./;
const forges = new WeakSet<object>();

/** Some processes go from one test file to the next, and this is read anew for each. */
const WATCHED = Symbol.for('tac8.token-watch');

for (const { prototype } of [Server, TlsServer]) {
  if (Object.hasOwn(prototype, WATCHED)) continue;
  Object.defineProperty(prototype, WATCHED, { value: true });
  const { emit, listen } = prototype;
  prototype.listen = function (this: Server, ...args: unknown[]) {
    if (FORGE.test(new Error('who listens').stack ?? '')) forges.add(this);
    return Reflect.apply(listen, this, args);
  } as typeof listen;
  prototype.emit = function (this: Server, event: string | symbol, ...args: unknown[]) {
    if (ASKED.has(event) && !forges.has(this)) look(args[0] as Asked);
    return Reflect.apply(emit, this, [event, ...args]);
  } as typeof emit;
}

interface Asked {
  readonly method?: string;
  readonly url?: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

function look({ method = '', url = '', headers }: Asked): void {
  const file = process.env.TAC8_TOKENS_HEARD;
  const said = [url, ...Object.values(headers).flat()].flatMap((value) => (value === undefined ? [] : [value, decoded(value)]));
  if (file !== undefined && said.some((value) => TOKEN.test(value))) appendFileSync(file, `${method} ${url}\n`);
}

/** A name and a password, as git says them. */
const decoded = (value: string): string => Buffer.from(/^Basic (.*)$/i.exec(value)?.[1] ?? '', 'base64').toString('latin1');
