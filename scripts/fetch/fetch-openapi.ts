import { resolve } from 'node:path';
import { ensureFile } from './fetch-package.ts';

const VERSION = '23.0.2';
const INTEGRITY = 'sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==';
const FILE = 'package/generated/api.github.com.json';

/** Where GitHub's description of its REST API lies once it is fetched. */
export const openApiPath = (cacheDir: string): string => resolve(cacheDir, 'openapi', VERSION, 'api.github.com.json');

/** Fetches GitHub's description of its REST API, 13 MB of a package of 404. */
export const ensureOpenApi = (cacheDir: string): Promise<string> =>
  ensureFile({ spec: `@octokit/openapi@${VERSION}`, integrity: INTEGRITY, file: FILE, path: openApiPath(cacheDir) });
