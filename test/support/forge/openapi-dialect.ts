/** A part of the description: OpenAPI 3.0 with GitHub's own extensions. */
export type Node = Record<string, unknown>;

export const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Visits every object below, children first; examples are data and left alone. */
function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit);
  if (!isNode(value)) return;
  for (const [key, child] of Object.entries(value)) if (key !== 'example' && key !== 'examples') walk(child, visit);
  visit(value);
}

/** Turns `nullable` into what JSON Schema knows. In place. */
export function toJsonSchema(root: unknown): void {
  walk(root, (node) => {
    if (node.nullable !== true) return;
    delete node.nullable;
    if (Array.isArray(node.enum) && !node.enum.includes(null)) node.enum = [...node.enum, null];
    if (typeof node.type === 'string') {
      node.type = [node.type, 'null'];
      return;
    }
    const inner: Node = {};
    for (const key of ['$ref', 'allOf', 'anyOf', 'oneOf'].filter((one) => one in node)) {
      inner[key] = node[key];
      delete node[key];
    }
    if (Object.keys(inner).length > 0) node.anyOf = [inner, { type: 'null' }];
  });
}

interface Change {
  readonly version: string;
  readonly patch: unknown;
}

/**
 * The description is that of the oldest API version; where a newer one differs, the node bears a patch (RFC 7386, or RFC 6902 as a list).
 * Applies those up to `version`. In place.
 */
export function applyVersion(root: unknown, version: string): void {
  walk(root, (node) => {
    const changes = node['x-github-breaking-changes'] as readonly Change[] | undefined;
    if (changes === undefined) return;
    delete node['x-github-breaking-changes'];
    for (const { patch } of changes.filter((change) => change.version <= version)) {
      if (Array.isArray(patch)) applyOperations(node, patch);
      else if (isNode(patch)) applyMerge(node, patch);
    }
  });
}

function applyMerge(node: Node, patch: Node): void {
  const before = node.required;
  mergeInto(node, patch);
  // Lists of required names in patches go stale when several apply: what is gone cannot be required.
  if (!Array.isArray(before) || !isNode(patch.properties)) return;
  const gone = Object.entries(patch.properties).filter(([, value]) => value === null);
  node.required = before.filter((name) => !gone.some(([key]) => key === name));
}

function mergeInto(target: Node, patch: Node): void {
  for (const [key, value] of Object.entries(patch)) {
    const old = target[key];
    if (value === null) delete target[key];
    else if (isNode(value) && isNode(old)) mergeInto(old, value);
    else target[key] = value;
  }
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

function applyOperations(node: Node, operations: readonly Operation[]): void {
  // Indices into a list mean the list as it was: those removals come last.
  const late: (() => void)[] = [];
  for (const { op, path, value } of operations) {
    const steps = path
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = steps.pop() ?? '';
    const parent = steps.reduce<unknown>((at, step) => (isNode(at) || Array.isArray(at) ? (at as Node)[step] : undefined), node);
    if (Array.isArray(parent) && op === 'remove') late.push(() => parent.splice(Number(last), 1));
    else if (Array.isArray(parent) && op === 'add') parent.splice(last === '-' ? parent.length : Number(last), 0, value);
    else if (isNode(parent) && op === 'remove') delete parent[last];
    else if (isNode(parent)) parent[last] = value;
  }
  for (const remove of late) remove();
}
