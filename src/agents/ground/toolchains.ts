import { existsSync } from 'node:fs';
import { join } from 'node:path';

/*
 * A worker's home is its own, and so a tool manager would find nothing there of what the person installed. Each of them has a variable that
 * says where its tools are: the person's own, else their usual place, if there is one. None of these folders holds a login.
 */
const TOOLS: Readonly<Record<string, string | null>> = {
  RUSTUP_HOME: '.rustup',
  PYENV_ROOT: '.pyenv',
  RBENV_ROOT: '.rbenv',
  NVM_DIR: '.nvm',
  FNM_DIR: '.local/share/fnm',
  VOLTA_HOME: '.volta',
  ASDF_DATA_DIR: '.asdf',
  ASDF_DIR: null,
  MISE_DATA_DIR: '.local/share/mise',
  MISE_GLOBAL_CONFIG_FILE: '.config/mise/config.toml',
  SDKMAN_DIR: '.sdkman',
  GOROOT: null,
  JAVA_HOME: null,
  GRADLE_HOME: null,
  MAVEN_HOME: null,
  M2_HOME: null,
  DOTNET_ROOT: '.dotnet',
  ANDROID_HOME: null,
};

/** For each tool, the variables that say where its downloads are kept, below a folder of ours. */
const DOWNLOADS = {
  npm: { npm_config_cache: '' },
  pnpm: { npm_config_store_dir: '' },
  yarn: { YARN_CACHE_FOLDER: '', YARN_GLOBAL_FOLDER: 'berry' },
  cargo: { CARGO_HOME: '' },
  go: { GOMODCACHE: 'mod', GOCACHE: 'build' },
  gradle: { GRADLE_USER_HOME: '' },
  // The second alone is read by Maven before 3.9.
  maven: { MAVEN_ARGS: null, MAVEN_OPTS: null },
  pip: { PIP_CACHE_DIR: '' },
  uv: { UV_CACHE_DIR: '' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string | null>>>>;

export type Cache = keyof typeof DOWNLOADS;
export const CACHES = Object.keys(DOWNLOADS) as [Cache, ...Cache[]];

/** Where the person's tools are. */
export function toolchains(machine: Readonly<Record<string, string | undefined>>, home: string): Readonly<Record<string, string>> {
  const found = Object.entries(TOOLS).flatMap(([name, usual]): [string, string][] => {
    const own = machine[name];
    if (own !== undefined && own !== '') return [[name, own]];
    const path = usual === null ? null : join(home, usual);
    return path !== null && existsSync(path) ? [[name, path]] : [];
  });
  return Object.fromEntries(found);
}

/** Where the downloads are that all tasks share. */
export function sharedDownloads(caches: readonly Cache[], folder: string): Readonly<Record<string, string>> {
  const named = caches.flatMap((cache) =>
    Object.entries<string | null>(DOWNLOADS[cache]).flatMap(([name, below]): [string, string][] => {
      const path = join(folder, cache, below ?? '');
      if (below !== null) return [[name, path]];
      // Maven's script takes its words apart at blanks.
      return /\s/.test(path) ? [] : [[name, `-Dmaven.repo.local=${path}`]];
    }),
  );
  return Object.fromEntries(named);
}
