/** How often one thing that was promised was kept and broken. */
export interface Count {
  /** The number of the promise, 1 to 10. */
  readonly promise: number;
  readonly what: string;
  readonly kept: number;
  readonly broken: number;
  /** The first few that were broken, with what shows it. */
  readonly examples: readonly string[];
}

const EXAMPLES = 8;

/** Each subject with why its promise was broken, or null. */
export function countUp(promise: number, what: string, findings: readonly (readonly [subject: string, broken: string | null])[]): Count {
  const broken = findings.flatMap(([subject, why]) => (why === null ? [] : [`${subject}: ${why}`]));
  return { promise, what, kept: findings.length - broken.length, broken: broken.length, examples: broken.slice(0, EXAMPLES) };
}
