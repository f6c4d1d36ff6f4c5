import type { DocumentNode, GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { settlePulls } from '../rules/pulls.ts';
import type { Answer } from '../state/answer.ts';
import type { Fake } from '../state/fake.ts';
import type { User } from '../state/state.ts';
import { pointsOf } from './cost.ts';
import { queryRoot } from './roots.ts';

export interface Asked {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What is left of an hour's points. */
export interface Points {
  left(): number;
  spend(points: number): void;
  readonly limit: number;
}

type Library = typeof import('graphql');

let loaded: Promise<{ readonly library: Library; readonly schema: GraphQLSchema } | null> | null = null;

/** GitHub's own schema and the reference implementation; null: they are not installed, as beside a published tac8, and there is no GraphQL then. */
function load() {
  loaded ??= (async () => {
    try {
      const [library, { schema }] = await Promise.all([import('graphql'), import('@octokit/graphql-schema')]);
      return { library, schema: library.buildSchema(schema.idl, { assumeValid: true }) };
    } catch {
      return null;
    }
  })();
  return loaded;
}

/** Answers a question as GitHub's schema has it, at the price of as many points as GitHub would ask for; null: there is no GraphQL here. */
export async function execute(
  fake: Fake,
  viewer: User,
  asked: Asked,
  points: Points,
): Promise<{ readonly answer: Answer; readonly cost: number } | null> {
  const there = await load();
  if (there === null) return null;
  const { library, schema } = there;
  let document: DocumentNode;
  try {
    document = library.parse(asked.query);
  } catch (error) {
    return { answer: said({ errors: [{ message: String(error) }] }), cost: 1 };
  }
  const rules = library.specifiedRules.filter((rule) => rule !== library.OverlappingFieldsCanBeMergedRule);
  const problems = library.validate(schema, document, rules);
  if (problems.length > 0)
    return { answer: said({ errors: problems.map(({ message }) => ({ type: 'undefinedField', message })) }), cost: 1 };
  const cost = pointsOf(document, asked.variables);
  const left = points.left();
  if (left < cost) return { answer: said({ errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] }), cost: 0 };
  const limit = { cost, remaining: left - cost, limit: points.limit, used: points.limit - left + cost };
  await settlePulls(fake, fake.store.state.repo.owner);
  const { data, errors } = await library.execute({
    ...{ schema, document, variableValues: asked.variables, rootValue: queryRoot(fake, viewer, limit) },
    fieldResolver: resolve,
  });
  const shown = errors?.map(({ message, path, originalError }) => ({
    ...(originalError !== undefined && 'extensions' in originalError ? (originalError.extensions as object) : {}),
    path,
    message,
  }));
  return { answer: said({ data, ...(shown === undefined ? {} : { errors: shown }) }), cost };
}

/** A field that the fake does not model must not look like one that is empty. */
const resolve: GraphQLFieldResolver<unknown, unknown> = (source, args, _context, { parentType, fieldName }) => {
  if (typeof source !== 'object' || source === null || !(fieldName in source))
    throw new Error(`the fake has no ${parentType.name}.${fieldName}`);
  const value: unknown = Reflect.get(source, fieldName);
  return typeof value === 'function' ? value(args) : value;
};

const said = (body: unknown): Answer => ({ status: 200, body, headers: { 'x-ratelimit-resource': 'graphql' } });
