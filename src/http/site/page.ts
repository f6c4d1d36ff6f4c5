import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file of the page, ready to go out. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  /** Null: it does not get smaller. */
  readonly packed: Buffer | null;
  /** Its name tells what is in it: it never changes. */
  readonly isFixed: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

/**
 * All files of the built page, by their paths: read once, so that a path that is asked for names no file, and a package that is replaced under a
 * running daemon changes nothing. Null: the page is not built.
 */
export function readPageFiles(folder: string): ReadonlyMap<string, PageFile> | null {
  const files = new Map<string, PageFile>();
  const read = (below: string): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = `${below}/${entry.name}`;
      if (entry.isDirectory()) read(path);
      else if (entry.isFile()) files.set(path, fileOf(path, readFileSync(join(folder, path))));
    }
  };
  try {
    read('');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  return files.has('/index.html') ? files : null;
}

function fileOf(path: string, bytes: Buffer): PageFile {
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  const isText = /^(?:text|application|image\/svg)/.test(type);
  return {
    type,
    bytes,
    packed: isText && bytes.length > 1000 ? gzipSync(bytes, { level: 9 }) : null,
    isFixed: path.startsWith('/assets/'),
  };
}
