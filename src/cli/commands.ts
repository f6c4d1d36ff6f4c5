import type { Command } from 'commander';

/** A file that knows commands, and which. */
interface Shelf {
  readonly names: readonly string[];
  readonly load: () => Promise<(program: Command) => void>;
}

/** Every command, in the order in which the help has them. What a command does is loaded when it is called. */
const SHELVES: readonly Shelf[] = [
  { names: ['init'], load: async () => (await import('./begin/init.ts')).addInitCommand },
  { names: ['doctor'], load: async () => (await import('./begin/doctor.ts')).addDoctorCommand },
  { names: ['start'], load: async () => (await import('./begin/start.ts')).addStartCommand },
  { names: ['service'], load: async () => (await import('./begin/supervise.ts')).addServiceCommand },
  { names: ['status'], load: async () => (await import('./fleet/status.ts')).addStatusCommand },
  { names: ['top'], load: async () => (await import('./top/top.ts')).addTopCommand },
  { names: ['page'], load: async () => (await import('./browse/page.ts')).addPageCommand },
  { names: ['plan'], load: async () => (await import('./fleet/plan.ts')).addPlanCommand },
  { names: ['why'], load: async () => (await import('./fleet/why.ts')).addWhyCommand },
  { names: ['prompt'], load: async () => (await import('./fleet/prompt.ts')).addPromptCommand },
  { names: ['history'], load: async () => (await import('./fleet/history.ts')).addHistoryCommand },
  {
    names: ['stop', 'kill', 'cancel', 'tell', 'retry', 'pause', 'resume', 'add', 'priority'],
    load: async () => (await import('./steer/steer.ts')).addSteeringCommands,
  },
  { names: ['remote'], load: async () => (await import('./owner/remote.ts')).addRemoteCommand },
  { names: ['sandbox'], load: async () => (await import('./sandbox/sandbox.ts')).addSandboxCommand },
  { names: ['preview'], load: async () => (await import('./sandbox/sandbox.ts')).addPreviewCommand },
  { names: ['allow'], load: async () => (await import('./sandbox/sandbox.ts')).addAllowCommand },
  { names: ['approve'], load: async () => (await import('./owner/approve.ts')).addApproveCommand },
  { names: ['reload'], load: async () => (await import('./owner/reload.ts')).addReloadCommand },
  { names: ['attach'], load: async () => (await import('./steer/attach.ts')).addAttachCommand },
  { names: ['diff'], load: async () => (await import('./keep/diff.ts')).addDiffCommand },
  { names: ['open'], load: async () => (await import('./browse/open.ts')).addOpenCommand },
  { names: ['restore'], load: async () => (await import('./keep/restore.ts')).addRestoreCommand },
  { names: ['clean'], load: async () => (await import('./keep/clean.ts')).addCleanCommand },
  { names: ['lint', 'board'], load: async () => (await import('./keep/board.ts')).addBoardCommands },
  { names: ['notify'], load: async () => (await import('./steer/notify.ts')).addNotifyCommand },
  { names: ['view'], load: async () => (await import('./view/view.ts')).addViewCommand },
  { names: ['logs'], load: async () => (await import('./view/view.ts')).addLogsCommand },
  { names: ['compare'], load: async () => (await import('./view/compare.ts')).addCompareCommand },
  { names: ['search'], load: async () => (await import('./view/search.ts')).addSearchCommand },
  { names: ['report'], load: async () => (await import('./report/report.ts')).addReportCommand },
  { names: ['export'], load: async () => (await import('./report/export.ts')).addExportCommand },
  { names: ['runner'], load: async () => (await import('./machines/runner.ts')).addRunnerCommand },
  { names: ['machines'], load: async () => (await import('./machines/machines.ts')).addMachinesCommand },
  { names: ['store'], load: async () => (await import('./machines/machines.ts')).addStoreCommand },
  { names: ['drain'], load: async () => (await import('./machines/machines.ts')).addDrainCommand },
  { names: ['demo'], load: async () => (await import('./begin/demo.ts')).addDemoCommand },
  { names: ['chaos'], load: async () => (await import('./begin/chaos.ts')).addChaosCommand },
  { names: ['completion'], load: async () => (await import('./complete/completion.ts')).addCompletionCommand },
];

/** Adds what this command line can need: the commands beside the one that it names, or all of them where it names none that there is. */
export async function addCommands(program: Command, line: readonly string[]): Promise<void> {
  if (line[0] === '--version') return;
  const name = commandIn(line);
  const named = SHELVES.filter(({ names }) => name !== null && names.includes(name));
  for (const { load } of named.length > 0 ? named : SHELVES) (await load())(program);
}

/** The first word behind `-C`; null where anything else stands before it, which is the parser's to judge. */
function commandIn(line: readonly string[]): string | null {
  for (let n = 0; n < line.length; n += 1) {
    const word = line[n] ?? '';
    if (!word.startsWith('-')) return word;
    if (word === '-C' || word === '--repo-dir') n += 1;
    else if (!/^(?:-C|--repo-dir=)./s.test(word)) return null;
  }
  return null;
}
