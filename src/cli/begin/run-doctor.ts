import { messageOf } from '../../core/words/message-of.ts';
import { type Examination, examine } from '../../doctor/examination.ts';
import type { Finding, Fix, Level } from '../../doctor/finding/finding.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';
import { version } from '../ground/version.ts';

export interface DoctorOptions {
  readonly probe?: true;
  readonly write?: true;
  readonly sandbox?: true;
  readonly fix?: true;
  readonly yes?: true;
  readonly json?: true;
  readonly bundle?: string;
}

/** Looks, tells, and with --fix --yes mends what can be mended by itself; then looks again. */
export async function runDoctor(from: string, options: DoctorOptions): Promise<void> {
  if (options.yes === true && options.fix !== true) throw new Exit(EXIT.usage, '--yes needs --fix');
  if (options.bundle !== undefined) {
    const { writeReport } = await import('./bug-report.ts');
    await writeReport(from, options.bundle);
    return;
  }
  const escapes = options.sandbox === true ? 'all' : 'some';
  const visit = { from, env: process.env, probe: options.probe === true, writes: options.write === true, escapes } as const;
  const first = await examine(visit);
  const fixed = options.fix === true && options.yes === true ? await mend(first.findings) : [];
  const last = fixed.length > 0 ? await examine(visit) : first;
  if (options.json === true) process.stdout.write(`${JSON.stringify(asJson(last, fixed), null, 2)}\n`);
  else process.stdout.write(asText(last, fixed, options.fix === true));
  if (last.findings.some(({ level }) => level === 'bad') || fixed.some(({ ok }) => !ok)) process.exitCode = EXIT.failed;
}

interface Fixed {
  readonly what: string;
  readonly ok: boolean;
  readonly message: string;
}

const fixesOf = (findings: readonly Finding[]): readonly Fix[] => findings.flatMap(({ fix }) => (fix === null ? [] : [fix]));

/** One after the other; one that does not work does not keep the others from being done. */
async function mend(findings: readonly Finding[]): Promise<readonly Fixed[]> {
  const out: Fixed[] = [];
  for (const { what, apply } of fixesOf(findings)) {
    try {
      out.push({ what, ok: true, message: await apply() });
    } catch (error) {
      out.push({ what, ok: false, message: messageOf(error) });
    }
  }
  return out;
}

/** The documented shape of `doctor --json`. */
function asJson({ root, findings }: Examination, fixed: readonly Fixed[]) {
  return {
    at: new Date().toISOString(),
    version: version(),
    root,
    ok: !findings.some(({ level }) => level === 'bad'),
    findings: findings.map(({ fix, ...rest }) => ({ ...rest, fix: fix?.what ?? null })),
    fixed,
  };
}

const SIGNS: Readonly<Record<Level, readonly [string, 'green' | 'yellow' | 'red' | 'cyan']>> = {
  ok: ['✓', 'green'],
  warn: ['!', 'yellow'],
  bad: ['✗', 'red'],
  unknown: ['?', 'cyan'],
};

function asText({ findings }: Examination, fixed: readonly Fixed[], showFixes: boolean): string {
  const out = findings.flatMap(linesOf);
  if (fixed.length > 0) {
    out.unshift(
      ...fixed.map(({ what, ok, message }) => `${paint(ok ? 'green' : 'red', ok ? 'done' : 'not done')}  ${what}: ${message}`),
      '',
    );
  }
  out.push('', summary(findings));
  const fixes = fixesOf(findings);
  if (showFixes && fixed.length === 0) {
    out.push(
      '',
      fixes.length === 0 ? 'There is nothing that tac8 can repair by itself.' : paint('bold', '`tac8 doctor --fix --yes` would'),
    );
    out.push(...fixes.map(({ what }) => `  ${what}`));
  } else if (fixes.length > 0) out.push(`\`tac8 doctor --fix\` shows what it can repair by itself (${fixes.length}).`);
  return `${out.join('\n')}\n`;
}

const INDENT = ' '.repeat(18);

function linesOf({ check, level, says, why, mend: how }: Finding): readonly string[] {
  const [sign, colour] = SIGNS[level];
  const head = `${paint(colour, sign)} ${check.padEnd(15)} ${says}`;
  if (level === 'ok') return [head];
  return [head, `${INDENT}${paint('dim', why)}`, ...(how === null ? [] : [`${INDENT}→ ${how}`])];
}

function summary(findings: readonly Finding[]): string {
  const count = (level: Level): number => findings.filter((one) => one.level === level).length;
  const [bad, warn, unknown] = [count('bad'), count('warn'), count('unknown')];
  const rest = [warn > 0 ? `${warn} ${warn === 1 ? 'warning' : 'warnings'}` : '', unknown > 0 ? `${unknown} could not be checked` : '']
    .filter(Boolean)
    .join(', ');
  if (bad > 0) return paint('red', `${bad} ${bad === 1 ? 'problem' : 'problems'}${rest === '' ? '' : `; ${rest}`}.`);
  return paint('green', rest === '' ? 'All is well.' : `No problems; ${rest}.`);
}
