export interface Slice {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
}

/** A page of a list as GraphQL has it; cursors are places in it. */
export function connection<T>(all: readonly T[], { first, last, after }: Slice) {
  const start = after == null ? 0 : Number(Buffer.from(after, 'base64url').toString('utf8')) + 1;
  const rest = all.slice(start);
  const nodes = first != null ? rest.slice(0, first) : last != null ? rest.slice(-last) : rest;
  const begin = first != null ? start : start + rest.length - nodes.length;
  const cursor = (place: number): string => Buffer.from(String(place)).toString('base64url');
  return {
    totalCount: all.length,
    nodes,
    edges: nodes.map((node, n) => ({ node, cursor: cursor(begin + n) })),
    pageInfo: {
      hasNextPage: begin + nodes.length < all.length,
      hasPreviousPage: begin > 0,
      startCursor: nodes.length === 0 ? null : cursor(begin),
      endCursor: nodes.length === 0 ? null : cursor(begin + nodes.length - 1),
    },
  };
}

interface Order {
  readonly field: string;
  readonly direction: 'ASC' | 'DESC';
}

/** By the time that the order names; what is of one second stays as the newest number has it. */
export function ordered<T extends { readonly number: number; readonly updatedAt: string; readonly createdAt: string }>(
  all: readonly T[],
  order: Order | null | undefined,
): readonly T[] {
  const { field = 'CREATED_AT', direction = 'ASC' } = order ?? {};
  const of = (one: T): string => (field === 'UPDATED_AT' ? one.updatedAt : one.createdAt);
  const up = [...all].sort((a, b) => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : a.number - b.number));
  return direction === 'DESC' ? up.reverse() : up;
}
