/** What a sandbox lets through for a tool by its name: where it fetches packages from. */
export const TOOLS = {
  // Npm itself is asked where it fetches from: `ASK_NPM`.
  ...{ npm: [], pnpm: [], yarn: [] },
  cargo: ['index.crates.io', 'static.crates.io', 'crates.io'],
  go: ['proxy.golang.org', 'sum.golang.org', 'storage.googleapis.com'],
  pip: ['pypi.org', 'files.pythonhosted.org'],
  maven: ['repo.maven.apache.org', 'repo1.maven.org'],
  gradle: [
    ...['services.gradle.org', 'downloads.gradle.org', 'plugins.gradle.org', 'plugins-artifacts.gradle.org'],
    ...['repo.maven.apache.org', 'repo1.maven.org'],
  ],
  gem: ['rubygems.org', 'index.rubygems.org'],
  github: ['github.com', 'api.github.com', 'codeload.github.com', 'objects.githubusercontent.com', 'raw.githubusercontent.com'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Tools that fetch from npm's registry, which is the person's setting. */
export const ASK_NPM: readonly string[] = ['npm', 'pnpm', 'yarn'];

export type Tool = keyof typeof TOOLS;

export const TOOL_NAMES = Object.keys(TOOLS) as [Tool, ...Tool[]];
