import { DEFAULT_AGENT } from '../../core/agent/which.ts';
import type { Checked } from '../schema/schema.ts';

/**
 * What counts as soon as tac8.yaml is saved: limits, counts and intervals. A worker can write the file, so that nothing else does which starts a
 * program, hands on a variable, names an address or decides what becomes of the work: that waits for a person's word.
 */
const AT_ONCE = [
  'limits',
  'max_concurrent_workers',
  'poll_interval',
  'stop',
  'logs.keep',
  'worktrees.save_every',
  'worktrees.keep_saved',
  'worktrees.keep_completed',
  'alerts.github_down',
  'alerts.daemon_down',
  'alerts.stuck',
  'alerts.temperature',
  'alerts.sustained',
  'alerts.ping_every',
] as const;

type Tree = Readonly<Record<string, unknown>>;

export interface TakenUp {
  readonly settings: Checked;
  /** What reads otherwise in the file and waits, by the names of the file: `agent.env`. */
  readonly waiting: readonly string[];
}

/** `read` as far as it counts at once; the rest stays as it was accepted. */
export function takeUp(accepted: Checked, read: Checked): TakenUp {
  let settings: Tree = { ...accepted };
  for (const path of AT_ONCE) settings = withValue(settings, path.split('.'), valueAt(read, path.split('.')));
  // A route may choose among the agents and models that a person has named before.
  const known = new Set([undefined, accepted.agent.model, ...accepted.routes.map(({ model }) => model)]);
  const names = new Set([undefined, DEFAULT_AGENT, accepted.agent.kind as string, ...Object.keys(accepted.agents)]);
  const isKnown = ({ model, agent, attempts }: Checked['routes'][number]): boolean =>
    known.has(model) && [agent, ...(attempts?.race ?? [])].every((name) => names.has(name));
  if (read.routes.every(isKnown)) settings = { ...settings, routes: read.routes };
  return { settings: settings as Checked, waiting: differences(settings, read, []) };
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

const valueAt = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((node, name) => (isTree(node) ? node[name] : undefined), tree);

function withValue(tree: Tree, [name = '', ...rest]: readonly string[], value: unknown): Tree {
  const below = tree[name];
  return { ...tree, [name]: rest.length === 0 ? value : withValue(isTree(below) ? below : {}, rest, value) };
}

function differences(one: unknown, other: unknown, path: readonly string[]): readonly string[] {
  if (isTree(one) && isTree(other)) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...names].flatMap((name) => differences(one[name], other[name], [...path, name]));
  }
  return JSON.stringify(one) === JSON.stringify(other) ? [] : [path.join('.')];
}
