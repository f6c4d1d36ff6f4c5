import type { DocumentNode, FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

/**
 * What GitHub asks for a document, by the formula that it documents: the requests that it takes to fulfil each connection, as if each had as many
 * entries as were asked for, by a hundred, and never less than one.
 */
export function pointsOf(document: DocumentNode, variables: Variables): number {
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === 'FragmentDefinition' ? [[one.name.value, one] as const] : [])),
  );
  let requests = 0;
  for (const one of document.definitions)
    if (one.kind === 'OperationDefinition') requests += requestsOf(one.selectionSet, 1, fragments, variables);
  return Math.max(1, Math.round(requests / 100));
}

function requestsOf(
  { selections }: SelectionSetNode,
  times: number,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Variables,
): number {
  let sum = 0;
  for (const one of selections) {
    if (one.kind === 'FragmentSpread') {
      const fragment = fragments.get(one.name.value);
      if (fragment !== undefined) sum += requestsOf(fragment.selectionSet, times, fragments, variables);
    } else if (one.kind === 'InlineFragment') sum += requestsOf(one.selectionSet, times, fragments, variables);
    else if (one.selectionSet !== undefined) {
      const entries = entriesOf(one, variables);
      sum += (entries === null ? 0 : times) + requestsOf(one.selectionSet, times * (entries ?? 1), fragments, variables);
    }
  }
  return sum;
}

/** Null: it is no connection. */
function entriesOf({ arguments: given = [] }: FieldNode, variables: Variables): number | null {
  const wanted = given.find(({ name }) => name.value === 'first' || name.value === 'last')?.value;
  if (wanted?.kind === 'IntValue') return Number(wanted.value);
  return wanted?.kind === 'Variable' ? Number(variables[wanted.name.value] ?? 0) : null;
}
