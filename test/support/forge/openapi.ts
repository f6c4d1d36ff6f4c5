import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { openApiPath } from '../../../scripts/fetch/fetch-openapi.ts';
import { applyVersion, isNode, type Node, toJsonSchema } from './openapi-dialect.ts';

/** One request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly requestBody?: unknown;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined: no body. */
  readonly body?: unknown;
}

export interface Verdict {
  /** GitHub's name for the operation, `issues/get`; null: it is not in the description. */
  readonly operation: string | null;
  /** What does not fit, one sentence each; empty: it fits. */
  readonly problems: readonly string[];
}

/** Holds exchanges against GitHub's published description of its REST API. Knows nothing of the fake. */
export interface Contract {
  judge(exchange: Exchange): Verdict;
  /** The same for what a webhook says. */
  judgeWebhook(event: string, body: unknown): Verdict;
}

const CACHE = resolve(import.meta.dirname, '../../../.cache');

/** Reads the description. It is 13 MB and is fetched, not kept: its absence is an error, never a reason to skip. */
export function loadDescription(path = openApiPath(CACHE)): Node {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`GitHub's API description is not at ${path}: fetch it with \`node scripts/fetch/fetch-openapi.ts\`.`, { cause });
  }
  return JSON.parse(text) as Node;
}

const LIMIT_HEADERS = ['limit', 'remaining', 'reset', 'used', 'resource'].map((name) => `x-ratelimit-${name}`);
const HEADERS = [...LIMIT_HEADERS, 'x-github-request-id', 'x-github-media-type', 'x-github-api-version-selected'];
/** GitHub documents these for all of its API, not for each operation; 404 also stands for what one may not see. */
const ANYWHERE = [401, 403, 404, 429, 500, 502, 503, 504];

/** Builds the judge. `description` is changed in the course: give each judge its own. */
export function createContract(description: Node, apiVersion = '2022-11-28'): Contract {
  applyVersion(description, apiVersion);
  toJsonSchema(description);
  const compile = createCompiler(description);
  const find = createFinder(description);
  const follow = (value: unknown): Node | null => followRef(description, value);
  const schemaOf = (holder: Node | null): unknown =>
    isNode(holder?.content) ? follow(holder.content['application/json'])?.schema : undefined;

  const check = (schema: unknown, value: unknown, what: string): string[] => {
    const fits = compile(schema);
    if (fits(value)) return [];
    return (fits.errors ?? []).slice(0, 12).map((error) => `${what}${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
  };

  const judgeQuery = (operation: Node, query: URLSearchParams): string[] => {
    const parameters = (Array.isArray(operation.parameters) ? operation.parameters : []).map(follow).filter((one) => one?.in === 'query');
    return [...query].flatMap(([name, value]) => {
      const known = parameters.find((one) => one?.name === name);
      if (known === undefined) return [`unknown query parameter ${name}`];
      const choices = isNode(known?.schema) ? known.schema.enum : undefined;
      return Array.isArray(choices) && !choices.includes(value) ? [`query ${name}=${value} is not one of ${choices.join(', ')}`] : [];
    });
  };

  const judgeAnswer = (operation: Node, one: Exchange): string[] => {
    const responses = isNode(operation.responses) ? operation.responses : {};
    const moved = [301, 302, 307, 308].includes(one.status) ? { $ref: '#/components/responses/moved_permanently' } : undefined;
    const response = follow(responses[one.status] ?? moved ?? responses.default);
    if (response === null)
      return ANYWHERE.includes(one.status) ? [] : [`status ${one.status} is not documented: ${Object.keys(responses).join(', ')}`];
    const schema = schemaOf(response);
    if (schema === undefined) return one.status === 204 && one.body !== undefined ? ['a 204 has no body'] : [];
    const type =
      one.headers['content-type']?.startsWith('application/json') === true ? [] : [`content type ${one.headers['content-type']}`];
    return [...type, ...(one.body === undefined ? ['no body where the description has one'] : check(schema, one.body, 'body'))];
  };

  return {
    judgeWebhook(event, body) {
      const action = isNode(body) && typeof body.action === 'string' ? `-${body.action}` : '';
      const name = `${event}${action}`.replaceAll('_', '-');
      const webhook = isNode(description['x-webhooks']) ? description['x-webhooks'][name] : undefined;
      const post = isNode(webhook) ? follow(webhook.post) : null;
      if (post === null) return { operation: null, problems: [`there is no webhook ${name}`] };
      const schema = schemaOf(follow(post.requestBody));
      if (schema === undefined) return { operation: name, problems: [`${name} says nothing`] };
      return { operation: name, problems: check(schema, body, name) };
    },
    judge(one) {
      const operation = find(one.method, one.path);
      if (operation === null) return { operation: null, problems: [`${one.method} ${one.path} is not in the description`] };
      const request = schemaOf(follow(operation.requestBody));
      const bodyProblems =
        request === undefined || one.requestBody === undefined || one.status >= 400 ? [] : check(request, one.requestBody, 'request');
      const problems = [
        ...(one.status < 400 ? judgeQuery(operation, one.query) : []),
        ...bodyProblems,
        ...judgeAnswer(operation, one),
        ...HEADERS.filter((name) => one.headers[name] === undefined).map((name) => `header ${name} is missing`),
        ...(one.method === 'GET' && one.status === 200 && one.headers.etag === undefined ? ['header etag is missing'] : []),
      ];
      return { operation: String(operation.operationId), problems };
    },
  };
}

const unescapeStep = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

function followRef(root: Node, value: unknown): Node | null {
  let at = value;
  while (isNode(at) && typeof at.$ref === 'string') {
    at = at.$ref
      .slice(2)
      .split('/')
      .map(unescapeStep)
      .reduce<unknown>((node, step) => (isNode(node) ? node[step] : undefined), root);
  }
  return isNode(at) ? at : null;
}

function createCompiler(description: Node): (schema: unknown) => ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, logger: false });
  addFormats.default(ajv);
  for (const name of ['repo.nwo', 'ssh-key', 'timestamp', 'binary', 'int32', 'int64']) ajv.addFormat(name, true);
  // Fields declared `uri` hold templates such as `…{/number}`.
  ajv.addFormat('uri', (text: string) => /^[a-z][a-z0-9+.-]*:/i.test(text));
  const components = isNode(description.components) ? description.components : {};
  ajv.addSchema({ $id: 'github', components: { schemas: components.schemas } }, 'github');
  const known = new Map<unknown, ValidateFunction>();
  return (schema) => {
    const done = known.get(schema);
    if (done !== undefined) return done;
    const text = JSON.stringify(schema, (key, value) =>
      key === '$ref' && String(value).startsWith('#/') ? `github${String(value)}` : value,
    );
    const compiled = ajv.compile(JSON.parse(text) as Node);
    known.set(schema, compiled);
    return compiled;
  };
}

/** The operation of a path; of several templates that fit, the one with the most fixed words. */
function createFinder(description: Node): (method: string, path: string) => Node | null {
  const paths = isNode(description.paths) ? description.paths : {};
  const routes = Object.entries(paths)
    .filter((entry): entry is [string, Node] => isNode(entry[1]))
    .map(([template, item]) => ({
      item,
      fixed: template.split('/').filter((part) => part !== '' && !part.startsWith('{')).length,
      pattern: new RegExp(
        `^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, (_, name) => (/^(ref|path|branch|basehead)$/.test(name) ? '.+?' : '[^/]+'))}$`,
      ),
    }))
    .sort((a, b) => b.fixed - a.fixed);
  return (method, path) => {
    // GitHub's own links name a repository by its number.
    const named = path.replace(/^\/repositories\/\d+(?=\/|$)/, '/repos/_/_');
    for (const { item, pattern } of routes) {
      const operation = item[method.toLowerCase()];
      if (isNode(operation) && pattern.test(named)) return operation;
    }
    return null;
  };
}
