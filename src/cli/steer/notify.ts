import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';
import type { TestOptions } from './send-test.ts';

export function addNotifyCommand(program: Command): void {
  const notify = program
    .command('notify')
    .description('Who is told when a person is needed (`notify:` in tac8.yaml)')
    .addHelpText('after', '\nExamples:\n  tac8 notify test');
  notify
    .command('test')
    .description('Tell everybody in `notify:` that this is a test, and say what each answered; needs no daemon')
    .option('--to <name>', 'only this one')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tac8 notify test\n  tac8 notify test --to slack\n\nThe addresses are read as the daemon reads them: set the same environment variables.',
    )
    .action(async (options: TestOptions, command: Command) => {
      const { sendTest } = await import('./send-test.ts');
      await sendTest(rootOf(command), options);
    });
}
