import { takeIn } from '../../src/core/board/edit/take.ts';
import type { TakenIn } from '../../src/core/board/edit/taken-in.ts';
import type { BoardBase } from '../../src/core/board/line/base.ts';
import { planPublish } from '../../src/core/board/show/plan.ts';
import type { BoardLine, BoardView, Section } from '../../src/core/board/text/view.ts';
import type { TaskId } from '../../src/core/model/task.ts';

/** One line of a view, in a word: `line('gh-1', 'active')`. */
export function line(id: TaskId, section: Section, more: Partial<BoardLine> = {}): BoardLine {
  const number = id.replace(/\D/g, '');
  const run = section === 'pending' ? null : (`w-${number.padStart(6, '0')}` as const);
  return {
    id,
    section,
    title: `Title ${number}`,
    priority: 2,
    run,
    tree: section === 'active' ? `trees/${id}` : null,
    commit: section === 'completed' ? 'a1b2c3d' : null,
    details:
      section === 'active'
        ? [{ key: 'PID', value: `4${number}` }]
        : section === 'failed'
          ? [{ key: 'Reason', value: 'crash: it died' }]
          : [],
    ...more,
  };
}

let second = 0;
export function viewOf(...lines: readonly BoardLine[]): BoardView {
  second += 1;
  return { updatedAt: new Date(Date.UTC(2026, 10, 22) + second * 1000).toISOString().slice(0, 19).replace('T', ' '), maxActive: 3, lines };
}

export const noVersions = (): readonly string[] => [];

/** The view written over a file (null: none), as the pure part of `publish` does it. */
export function written(
  view: BoardView,
  base: BoardBase = { text: null },
  file: string | null = base.text,
): { text: string; base: BoardBase } {
  const plan = planPublish(view, base, file, noVersions);
  if (plan.kind === 'held') throw new Error(`held: ${plan.hold.message}`);
  return { text: plan.kind === 'write' ? plan.text : (file ?? ''), base: plan.base };
}

/** What a person's text asks for, after tac8 wrote this view. */
export function edited(view: BoardView, edit: (text: string) => string): TakenIn & { readonly text: string } {
  const { text, base } = written(view);
  const now = edit(text);
  return { ...takeIn(base, now, noVersions), text: now };
}

/** Takes lines out and puts them under a heading. */
export function moveUnder(text: string, heading: string, find: RegExp, put: (line: string) => string = (same) => same): string {
  const found = find.exec(text)?.[0] ?? '';
  if (found === '') throw new Error(`no ${find} in ${text}`);
  return text.replace(found, '').replace(new RegExp(`^## ${heading}.*\\n`, 'm'), (head) => head + put(found));
}
