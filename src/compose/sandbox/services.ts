import { join } from 'node:path';
import type { ServiceRoute } from '../../agents/ground/kind.ts';
import { placeholder } from '../../agents/ground/placeholder.ts';
import type { HostLogin } from '../../config/settings.ts';
import { DOOR_PORT } from '../../engine/ports/machine/box.ts';
import { readPlainSync } from '../../files/open-plain.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The way out as a worker has it. */
export const DOOR = `http://127.0.0.1:${DOOR_PORT}`;

export interface Service {
  /** What the way out is told. */
  readonly route: Readonly<Record<string, unknown>> & { readonly prefix: string };
  readonly inside: Readonly<Record<string, string>>;
  readonly outside: readonly string[];
}

/** For each agent its own: two of them may ask the same service with different logins, each by a path of its own. */
export function servicesOf<Name>(
  agents: ReadonlyMap<Name, { readonly routes: readonly ServiceRoute[]; readonly env: readonly string[] }>,
  env: Environment,
  home: string,
): ReadonlyMap<Name, readonly Service[]> {
  const taken = new Map<string, string>();
  const one = (route: ServiceRoute, passedOn: readonly string[]): readonly Service[] => {
    for (let n = 1; ; n++) {
      const name = n === 1 || route.address.variable === null ? route.name : `${route.name}-${n}`;
      const found = serviceOf({ ...route, name }, passedOn, env, home);
      const print = JSON.stringify(found);
      const isOurs = found.length === 0 || (taken.get(name) ?? print) === print || route.address.variable === null;
      if (found.length > 0 && !taken.has(name)) taken.set(name, print);
      if (isOurs) return found;
    }
  };
  return new Map([...agents].map(([name, agent]) => [name, agent.routes.flatMap((route) => one(route, agent.env))]));
}

/** A service that the worker may log in to: the login goes to the proxy, a placeholder to the worker. */
function serviceOf(
  { name, address, variables, file, settings, isOpen = false }: ServiceRoute,
  passedOn: readonly string[],
  env: Environment,
  home: string,
): readonly Service[] {
  const own = settings === undefined ? {} : variablesIn(join(home, settings.path), settings.at);
  const wordOf = (variable: string): string => own[variable] ?? (passedOn.includes(variable) ? env[variable] : undefined) ?? '';
  const given = variables.find((one) => wordOf(one.name) !== '');
  const to = (address.variable === null ? '' : wordOf(address.variable)) || address.standard;
  const prefix = `/${name}`;
  const common = { prefix, to };
  const outside = variables.map((one) => one.name);
  const inside = (variable: string): Record<string, string> => ({
    ...(address.variable === null ? {} : { [address.variable]: `${DOOR}${prefix}` }),
    [variable]: placeholder(variable),
  });
  if (given !== undefined) {
    const route = { ...common, header: given.header, before: given.before, value: wordOf(given.name), file: null };
    return [{ route, inside: inside(given.name), outside }];
  }
  if (isOpen) return [{ route: { ...common, header: '', before: '', value: '', file: null }, inside: {}, outside }];
  if (file === null) return [];
  const renewal = file.renewal === undefined ? null : { ...file.renewal, lock: join(home, file.renewal.lock) };
  const kept = { path: join(home, file.path), at: file.at, also: file.also ?? {}, renewal };
  const route = { ...common, header: 'authorization', before: 'Bearer ', value: null, file: kept };
  return [{ route, inside: inside(file.variable), outside }];
}

const MOST = 1024 * 1024;

/** The text of a file of the person's, or null. */
export function textOf(path: string): string | null {
  try {
    return readPlainSync(path, MOST);
  } catch {
    return null; // not there
  }
}

/** Strings by name in a JSON file of the person's; none where it is not there or says something else. */
function variablesIn(path: string, at: string): Readonly<Record<string, string>> {
  try {
    const kept: unknown = JSON.parse(textOf(path) ?? 'null');
    const found = typeof kept === 'object' && kept !== null ? Object.entries(kept).find(([name]) => name === at)?.[1] : null;
    if (typeof found !== 'object' || found === null) return {};
    return Object.fromEntries(Object.entries(found).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
  } catch {
    return {};
  }
}

export interface RegistryLogin {
  /** What the way out is told. */
  readonly sent: { readonly host: string; readonly variable: string; readonly header: string; readonly value: string | null };
  readonly inside: Readonly<Record<string, string>>;
  readonly outside: readonly string[];
}

/** A host that is sent a login outside: the worker has a placeholder in the variable, and needs to know nothing of it. */
export function loginOf({ host, variable, header, scheme }: HostLogin, env: Environment): RegistryLogin {
  const word = env[variable]?.trim() ?? '';
  const value = word === '' || !/^[\x20-\x7e]+$/.test(word) ? null : WRITTEN[scheme](word);
  return { sent: { host, variable, header, value }, inside: { [variable]: placeholder(variable) }, outside: [variable] };
}

const WRITTEN = {
  bearer: (word: string) => `Bearer ${word}`,
  basic: (word: string) => `Basic ${Buffer.from(word).toString('base64')}`,
  none: (word: string) => word,
} as const satisfies Readonly<Record<HostLogin['scheme'], (word: string) => string>>;
