import { existsSync } from 'node:fs';
import { askProgram } from '../adapters/machine/ask-program.ts';
import { CONFIG_FILE } from '../config/read/file.ts';
import { type Loaded, loadConfig } from '../config/read/load.ts';
import { messageOf } from '../core/words/message-of.ts';
import { findPlaceAnyway, type Place } from '../place/place.ts';
import { about, type Check, type Finding, runChecks } from './finding/finding.ts';
import type { Environment, Patient } from './finding/patient.ts';
import { leftoverChecks } from './leftovers/leftover-checks.ts';
import { checkConfig } from './project/configuration.ts';
import { checkGit, checkNode } from './project/machine.ts';
import { projectChecks } from './project/project-checks.ts';

export interface Visit {
  /** The folder that is asked about. */
  readonly from: string;
  readonly env: Environment;
  /** Ask the model, too. */
  readonly probe: boolean;
  readonly writes?: boolean;
  /** Try ways out of a worker's sandbox, too. */
  readonly escapes?: 'some' | 'all';
}

/** What was looked at, and what was found, in the order in which a person mends it. */
export interface Examination {
  /** Null: not in a repository. */
  readonly root: string | null;
  readonly findings: readonly Finding[];
}

/** Looks at everything side by side, each look with a time limit. Changes nothing; works without a daemon, a configuration or a repository. */
export async function examine({ from, env, probe, writes = false, escapes }: Visit): Promise<Examination> {
  const machine: readonly Check[] = [
    { name: 'git', look: () => checkGit(askProgram, env.PATH ?? '/usr/bin:/bin') },
    { name: 'node', look: async () => checkNode(process.versions.node, process.versions.sqlite !== undefined) },
  ];
  const found = await findPatient(from, env);
  if ('finding' in found) return { root: null, findings: [...(await runChecks(machine)), found.finding] };
  const patient: Patient = {
    place: found.place,
    settings: found.loaded.ok ? found.loaded.config : null,
    env,
    probe,
    writes,
    ...(escapes === undefined ? {} : { escapes }),
  };
  const config: Check = { name: 'config', look: async () => lookAtConfig(found.place.root, found.loaded) };
  const findings = await runChecks([...machine, config, ...projectChecks(patient), ...leftoverChecks(patient)]);
  return { root: found.place.root, findings };
}

const lookAtConfig = (root: string, loaded: Loaded): readonly Finding[] =>
  checkConfig(loaded.ok ? null : loaded.problems, existsSync(`${root}/${CONFIG_FILE}`));

async function findPatient(from: string, env: Environment): Promise<{ place: Place; loaded: Loaded } | { finding: Finding }> {
  const { bad } = about('repository', 'tac8 works on a git repository.');
  try {
    const place = await findPlaceAnyway(from, env);
    return { place, loaded: loadConfig(place.root, env) };
  } catch (error) {
    const hint = typeof error === 'object' && error !== null && 'hint' in error ? String(error.hint) : '';
    return { finding: bad(messageOf(error), hint === '' ? null : hint) };
  }
}
