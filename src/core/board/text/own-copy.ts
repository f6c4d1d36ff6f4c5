/**
 * The same text in memory of its own. The engine keeps a part that was cut out of a text as a reference into the whole: who keeps the title of
 * a task for a day would keep a whole `tasks.md` for it.
 */
export const ownCopy = (part: string): string => ` ${part}`.slice(1);
