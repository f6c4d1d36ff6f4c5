import type { Incident, Person } from '../incidents/incidents.ts';
import type { Stage } from '../stage.ts';
import type { SimIssue } from '../truth/forge.ts';

type OnForge = Extract<
  Incident,
  { kind: 'issues' | 'label' | 'flap' | 'close' | 'reopen' | 'edit-issue' | 'their-pull' | 'depend' | 'merge' }
>;

/** What people do on GitHub. */
export function actAtForge(stage: Stage, incident: OnForge): void {
  const { forge } = stage;
  const one = (keep: (issue: SimIssue) => boolean): SimIssue | undefined => {
    const fit = [...forge.issues.values()].filter(keep);
    // The newest ones are those that something happens to.
    const near = fit.slice(-6);
    return 'pick' in incident ? near[Math.floor(incident.pick * near.length)] : undefined;
  };
  switch (incident.kind) {
    case 'issues':
      for (let made = 0; made < incident.count; made += 1) {
        const issue = forge.open(`Mend part ${forge.issues.size + 1}`, incident.by);
        stage.trace(() => `issue #${issue.number}, labelled by ${incident.by}`);
      }
      return;
    case 'label':
      return setLabel(
        stage,
        one((issue) => issue.isOpen && issue.isLabelled !== incident.on),
        incident.on,
        incident.by,
      );
    case 'flap': {
      const issue = one(({ isOpen, isLabelled }) => isOpen && isLabelled);
      setLabel(stage, issue, false, incident.by);
      stage.timeline.after(incident.lasts, () => setLabel(stage, issue, true, incident.by));
      return;
    }
    case 'close':
    case 'reopen': {
      const issue = one(({ isOpen }) => isOpen === (incident.kind === 'close'));
      if (issue === undefined) return;
      issue.isOpen = incident.kind === 'reopen';
      if (!issue.isOpen) issue.wentAt = stage.timeline.wall();
      return stage.trace(() => `#${issue.number}: ${incident.kind}`);
    }
    case 'edit-issue': {
      const issue = one(({ isOpen }) => isOpen);
      if (issue !== undefined) issue.title += ' (edited)';
      return;
    }
    case 'their-pull': {
      const issue = one(({ isOpen }) => isOpen);
      if (issue === undefined) return;
      forge.openPull({ branch: `fix-${issue.number}`, title: 'A fix', body: `Closes #${issue.number}`, author: 'bob' });
      return;
    }
    case 'depend': {
      const issue = one(({ isOpen, isLabelled }) => isOpen && isLabelled);
      return issue === undefined ? undefined : block(stage, issue, incident.lasts);
    }
    case 'merge':
      return forge.merge();
  }
}

/** Another issue, of which nobody wants anything, has to be closed first. */
function block(stage: Stage, issue: SimIssue, lasts: number): void {
  const by = { number: 100_000 + 100 * issue.number + issue.blockers.length, isOpen: true };
  issue.blockers.push(by);
  stage.trace(() => `#${issue.number} is blocked by #${by.number}`);
  stage.timeline.after(lasts, () => {
    by.isOpen = false;
    stage.trace(() => `#${by.number}, which blocked #${issue.number}, is closed`);
  });
}

function setLabel(stage: Stage, issue: SimIssue | undefined, on: boolean, by: Person): void {
  if (issue === undefined || issue.isLabelled === on) return;
  issue.isLabelled = on;
  if (!on) issue.wentAt = stage.timeline.wall();
  stage.trace(() => `#${issue.number}: label ${on ? 'on' : 'off'} by ${by}`);
  if (!on) return;
  issue.labelled = { by, at: stage.timeline.wall() };
  if (by !== 'maria') return;
  const task = `gh-${issue.number}` as const;
  // Where the label went and a person stopped it at once, one of the two is what is written down.
  const known = stage.contents.tasks.get(task);
  const isCancelled = known?.state === 'failed' && known.failure.type === 'cancelled';
  stage.bans.lift(task, isCancelled ? undefined : ['label', 'cancel']);
  stage.witness.rearmed(task);
}
