/** How the fixture agents behave. */
export const KINDS = ['succeed', 'crash', 'hang', 'stubborn', 'half', 'escape', 'flood', 'question', 'nothing'] as const;
export type Kind = (typeof KINDS)[number];

/** Those that end only when tac8 ends them: they hold their slot until the silence limit. */
const SLOW: ReadonlySet<Kind> = new Set(['hang', 'stubborn', 'half']);
const QUICK = KINDS.filter((kind) => !SLOW.has(kind));

export const titleOf = (kind: Kind, n: number): string => `chaos: ${kind} (${n})`;

/** Null: the prompt is of none of them. */
export function kindOfPrompt(prompt: string): Kind | null {
  const name = /chaos: ([a-z]+) \(\d+\)/.exec(prompt)?.[1];
  return KINDS.find((kind) => kind === name) ?? null;
}

/** The next task's kind: one in four is slow, and none towards the end. */
export function drawKind(random: () => number, slowAllowed: boolean): Kind {
  const from = slowAllowed && random() < 0.25 ? [...SLOW] : QUICK;
  return from[Math.floor(random() * from.length)] ?? 'succeed';
}
