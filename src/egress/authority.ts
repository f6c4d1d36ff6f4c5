import { isIP } from 'node:net';

/** What is asked for: a name or an address, and a port. */
export interface Authority {
  /** In small letters; an address without brackets. */
  readonly host: string;
  readonly port: number;
}

const NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
/** What some programs read as an address: 2130706433, 127.1, 0x7f.1. A name of the internet ends with letters. */
const NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;

/** `host:port` as CONNECT has it; null for anything that two programs could read in two ways. */
export function parseAuthority(text: string): Authority | null {
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const [, inBrackets, plain = '', digits = ''] = match;
  const port = Number(digits);
  if (port < 1 || port > 65_535 || String(port) !== digits) return null;
  if (inBrackets !== undefined) return isIP(inBrackets) === 6 ? { host: inBrackets.toLowerCase(), port } : null;
  const host = plain.toLowerCase();
  if (isIP(host) === 4) return { host, port };
  return NAME.test(host) && !NUMBER.test(host) ? { host, port } : null;
}

/** `host:port` for people and lists. */
export const written = ({ host, port }: Authority): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Whether a list names it: `host:port`, `host` for port 443, `*.host` for all names below. */
export function isListed(asked: Authority, list: readonly string[]): boolean {
  return list.some((entry) => {
    const [, wild, host = '', port = '443'] = /^(\*\.)?(\[[0-9a-fA-F:.]+\]|[^:]+)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (Number(port) !== asked.port) return false;
    const plain = host.replace(/^\[|\]$/g, '');
    return wild === undefined ? plain === asked.host : asked.host.endsWith(`.${plain}`);
  });
}
