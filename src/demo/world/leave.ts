/** Ctrl-C, a closed terminal, a reader that went away: everything is ended in good order, once. */
export function listenForTheEnd(leaving: AbortController): () => void {
  const leave = (): void => leaving.abort(new Error('ended from outside'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, leave);
  process.stdout.on('error', leave);
  return () => {
    for (const signal of signals) process.off(signal, leave);
    process.stdout.off('error', leave);
  };
}
