/**
 * `Promise.all` that leaves nothing at work: where one part fails, the others have ended before the error is thrown (that of the first part in order).
 * A call that has ended has no git running, and writes nothing any more.
 */
export async function together<const T extends readonly unknown[]>(parts: T): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const ended = await Promise.allSettled(parts);
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  return ended.map((one) => (one as PromiseFulfilledResult<unknown>).value) as { -readonly [K in keyof T]: Awaited<T[K]> };
}
