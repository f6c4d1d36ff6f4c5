const LONG_MS = 10_000;

/** What is waited for outside of the loop: while a daemon starts, and while it leaves. */
export interface LongWait {
  at(step: string): void;
  done(): void;
}

/** Tells of a step that lasts, every ten seconds: a daemon that stands still says where. */
export function tellLongWait(warn: (message: string) => void): LongWait {
  let timer: NodeJS.Timeout | undefined;
  const done = (): void => clearInterval(timer);
  return {
    at(step) {
      done();
      const began = performance.now();
      timer = setInterval(
        () => warn(`the daemon has waited for ${Math.round((performance.now() - began) / 1000)} s while ${step}`),
        LONG_MS,
      );
      timer.unref();
    },
    done,
  };
}
