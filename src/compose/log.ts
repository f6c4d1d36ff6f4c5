import type { Log } from '../engine/ports/records/log.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
/** Shown to a person at the terminal. */
export type Tee = ((level: string, message: string) => void) | undefined;

const nothing = (): void => undefined;
export const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** The daemon's log, opened with the first line that a command has for it. If it cannot be opened, the command goes on and its lines are dropped. */
export function logOnDemand(path: string): Log {
  let opening: Promise<Log> | null = null;
  const open = async (): Promise<Log> => (await import('../adapters/log/daemon-log.ts')).createDaemonLog(path);
  const at =
    (level: keyof Log): Log['info'] =>
    (message, fields) => {
      opening ??= open();
      opening.then((log) => log[level](message, fields)).catch(nothing);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
