import { InvalidArgumentError } from 'commander';
import type { TaskId } from '../core/task.ts';
import { taskArgument } from './task-argument.ts';

/** A task's name on the command line, with its errors as commander wants them. */
export function taskName(text: string): TaskId {
  try {
    return taskArgument(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
