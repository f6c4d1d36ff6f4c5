import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly steps?: readonly Step[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
}
interface Workflow {
  readonly permissions?: unknown;
  readonly jobs?: Readonly<Record<string, Job>>;
  readonly runs?: { readonly steps?: readonly Step[] };
}

export interface Project {
  /** The project's folder. */
  readonly root: string;
  /** Names of the npm scripts, and of the programs that `npx` finds in the project. */
  readonly scripts: ReadonlyMap<string, string>;
  readonly programs: ReadonlySet<string>;
}

/** The project in a folder: its scripts from package.json, its programs from node_modules/.bin. */
export function projectIn(root: string): Project {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts?: Record<string, string> };
  return { root, scripts: new Map(Object.entries(scripts)), programs: new Set(readdirSync(join(root, 'node_modules/.bin'))) };
}

/** What is wrong with the text of a workflow or of a composite action, one sentence each. Throws where it is not YAML. */
export function workflowFaults(text: string, project: Project): readonly string[] {
  const file = parse(text) as Workflow;
  const jobs = Object.entries(file.jobs ?? {});
  const steps = [...jobs.flatMap(([, job]) => job.steps ?? []), ...(file.runs?.steps ?? [])];
  return [
    ...(steps.length === 0 ? ['there are no steps'] : []),
    ...(file.jobs !== undefined && JSON.stringify(file.permissions) !== '{}' ? ['the workflow grants permissions to every job'] : []),
    ...jobs.flatMap(([name, job]) => jobFaults(name, job)),
    ...steps.flatMap(({ uses }) => (uses === undefined ? [] : usesFaults(uses, text, project))),
    ...steps.flatMap(({ run }) => (run === undefined ? [] : runFaults(run, project))),
  ];
}

function jobFaults(name: string, job: Job): readonly string[] {
  const minutes = job['timeout-minutes'];
  const writes = Object.entries(job.permissions ?? {}).filter(([, level]) => level !== 'read' && level !== 'none');
  return [
    ...(typeof minutes === 'number' && minutes > 0 && minutes <= 120 ? [] : [`${name}: has no timeout of at most 120 minutes`]),
    ...(job.permissions === undefined ? [`${name}: does not name its permissions`] : []),
    ...writes.map(([scope]) => `${name}: may write ${scope}`),
  ];
}

function usesFaults(uses: string, text: string, { root }: Project): readonly string[] {
  if (uses.startsWith('./')) return existsSync(join(root, uses, 'action.yml')) ? [] : [`${uses}: is not there`];
  if (!/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(uses)) return [`${uses}: is not pinned to a commit`];
  const told = text.split('\n').filter((line) => line.includes(uses));
  return told.every((line) => / # v\d+\.\d+\.\d+$/.test(line)) ? [] : [`${uses}: no comment says its version`];
}

/** npm scripts, programs of npx, and files and folders of the project that a step's shell lines name. */
function runFaults(run: string, { root, scripts, programs }: Project): readonly string[] {
  const asked = [...run.matchAll(/\bnpm (?:run )?([\w:-]+)/g)].map(([, name = '']) => name).filter((name) => name !== 'ci');
  const started = [...run.matchAll(/\bnpx ([\w-]+)/g)].map(([, name = '']) => name);
  const named = run.split(/\s+/).filter((word) => /^(?:src|test|scripts|bench|bin)\/[\w./-]*$/.test(word));
  return [
    ...asked.filter((name) => !scripts.has(name)).map((name) => `npm run ${name}: there is no such script`),
    ...started.filter((name) => !programs.has(name)).map((name) => `npx ${name}: there is no such program`),
    ...named.filter((path) => !existsSync(join(root, path))).map((path) => `${path}: is not there`),
    ...(run.includes('${{ github.') ? ['a step puts text of an event into its shell'] : []),
  ];
}

/** The arguments of each `vitest run` that a workflow starts by a script of the project: the folders it names and the globs it leaves out. */
export function vitestRuns(
  text: string,
  { scripts }: Project,
): readonly { readonly folders: readonly string[]; readonly without: readonly string[] }[] {
  return [...text.matchAll(/npm run ([\w:-]+)/g)].flatMap(([, name = '']) => {
    const script = scripts.get(name) ?? '';
    if (!script.startsWith('vitest run ')) return [];
    return [
      {
        folders: [...script.matchAll(/(?<= )(?:src|test)\/[\w/-]*/g)].map(([path]) => path),
        without: [...script.matchAll(/--exclude '([^']+)'/g)].map(([, glob = '']) => glob),
      },
    ];
  });
}
