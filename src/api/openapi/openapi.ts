import { z } from 'zod';
import { ERRORS } from '../parts.ts';
import { ROUTES, type Route, SHAPES } from './routes.ts';

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI document of `/api/v1`, made of the very shapes that its types and checks are made of. */
export function openApi(): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of ROUTES) {
    const here = paths[route.path] ?? {};
    here[route.method] = operation(route);
    paths[route.path] = here;
  }
  return {
    openapi: '3.1.0',
    info: { title: 'tac8', version: 'v1', description: 'What the daemon of a repository tells, and takes. See docs/api.md.' },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: shapes(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'What stands in .tac8/page-token' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'tac8-PORT', description: 'Reads; a change needs the header x-tac8-key as well' },
      },
    },
  };
}

function operation({ method, path, about, query, body, answer, stream }: Route): Json {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({ name, in: 'path', required: true, schema: PARTS[name] }));
  const parameters = [...named, ...(query === undefined ? [] : questions(query))];
  const media = stream === true ? 'text/event-stream' : 'application/json';
  const schema = answer === null ? { type: 'object' } : { $ref: refTo(answer) };
  return {
    summary: about,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { content: { 'application/json': { schema: schemaOf(body, 'input') } } } }),
    responses: {
      200: { description: about, content: { [media]: { schema } } },
      ...(method === 'post' ? { 202: { description: 'Noted; nothing has come of it yet', content: { [media]: { schema } } } } : {}),
      default: {
        description: `What was in the way: ${Object.entries(ERRORS)
          .map(([code, status]) => `${status} ${code}`)
          .join(', ')}`,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Failed' } } },
      },
    },
  };
}

const PARTS: Readonly<Record<string, Json>> = {
  task: { type: 'string', pattern: '^(gh|local)-[1-9][0-9]{0,14}(\\.[a-z][a-z0-9_]*)?$' },
  id: { type: 'integer', minimum: 1 },
};

function questions(query: z.ZodType): readonly Json[] {
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

const placeOf = (name: string): string => `#/components/schemas/${name}`;

function refTo(shape: z.ZodType): string {
  const name = Object.entries(SHAPES).find(([, one]) => one === shape)?.[0];
  if (name === undefined) throw new Error('an answer has no name in SHAPES');
  return placeOf(name);
}

type Schema = { readOnly?: unknown; format?: unknown; pattern?: unknown; additionalProperties?: unknown };

/** Lists of ours are read-only to us alone; a time's pattern says no more than its format. */
function simplify({ jsonSchema }: { readonly jsonSchema: Schema }): void {
  delete jsonSchema.readOnly;
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
}

/** Fields may be added to an answer. */
function simplifyAnswer(given: { readonly jsonSchema: Schema }): void {
  simplify(given);
  if (given.jsonSchema.additionalProperties === false) delete given.jsonSchema.additionalProperties;
}

/** All named ones, each by its name where it is in another. */
function shapes(): Json {
  const named = z.registry<{ id: string }>();
  for (const [id, shape] of Object.entries(SHAPES)) named.add(shape, { id });
  const { schemas } = z.toJSONSchema(named, { override: simplifyAnswer, metadata: z.globalRegistry, uri: placeOf });
  return Object.fromEntries(Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]));
}

function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { override: simplify, io });
  return schema;
}
