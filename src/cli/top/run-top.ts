import { render, useInput, usePaste, useWindowSize } from 'ink';
import { createElement as h, type ReactElement, useEffect, useRef, useState } from 'react';
import { messageOf } from '../../core/words/message-of.ts';
import { findPlace, type Place } from '../../place/place.ts';
import { statusAt } from '../../read/status-at.ts';
import { awaitAnswer } from '../steer/ask-daemon.ts';
import { keysOf, pasted } from './keys.ts';
import { isHit, pageOf, screen } from './screen.ts';
import { type Effect, FIRST, type Key, press, type TopState, withReport } from './state.ts';
import { tailTranscript } from './tail.ts';

const LOOK_EVERY = 1_000;
/** Seconds to wait for what came of a command. */
const PATIENCE = 600;
const SIGNALS = { SIGTERM: 143, SIGHUP: 129, SIGINT: 130 } as const;

/** Shows the screen until the person leaves, or a signal comes. The terminal is as before afterwards, however it ends. Answers the exit code. */
export async function runTop(from: string): Promise<number> {
  const place = await findPlace(from, process.env);
  const { redactorAt } = await import('../../config/read/redactor-at.ts');
  const redact = redactorAt(place.root, process.env);
  let code = 0;
  const over = new AbortController();
  const app = render(h(Top, { place, redact, over: over.signal, leave: () => app.unmount() }), {
    alternateScreen: true,
    exitOnCtrlC: false,
    interactive: true,
  });
  const leave = (signal: keyof typeof SIGNALS) => (): void => {
    code = SIGNALS[signal];
    app.unmount();
  };
  const handlers = (['SIGTERM', 'SIGHUP', 'SIGINT'] as const).map((signal) => [signal, leave(signal)] as const);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  try {
    await app.waitUntilExit();
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    over.abort();
    app.unmount();
  }
  return code;
}

interface TopProps {
  readonly place: Place;
  readonly redact: (text: string) => string;
  /** The screen is closed: nobody waits for answers any more. */
  readonly over: AbortSignal;
  readonly leave: () => void;
}

function Top({ place, redact, over, leave }: TopProps): ReactElement {
  // Keys and answers come at any time: each starts from the newest state, not from that of the last drawing.
  const state = useRef<TopState>(FIRST);
  const lines = useRef<readonly string[]>([]);
  const [, draw] = useState(0);
  const redraw = (): void => draw((n) => n + 1);
  const size = useWindowSize();

  const set = (next: TopState): void => {
    state.current = next;
    redraw();
  };
  const perform = (effect: Effect): void => {
    if (effect.kind === 'leave') return leave();
    const tell = (text: string, bad: boolean): void => set({ ...state.current, notice: { text: text.replace(/\s+/g, ' '), bad } });
    const { verb, task, args } = effect;
    awaitAnswer(place, { verb, task, args, timeout: PATIENCE }, { signal: over }).then(
      ({ ok, message, ms }) => tell(`${message} (${(ms / 1000).toFixed(1)} s)`, !ok),
      (error: Error) => over.aborted || tell(`${verb}: ${error.message}`, true),
    );
  };
  const take = (key: Key): void => {
    const hits = lines.current.flatMap((text, n) => (isHit(text, state.current.find) ? [lines.current.length - 1 - n] : [])).reverse();
    const { state: next, effect } = press(state.current, key, pageOf(state.current, size), hits);
    const last = Math.max(0, lines.current.length - pageOf(next, size));
    set({ ...next, back: Math.min(next.back, last) });
    if (effect !== null) perform(effect);
  };
  useInput((input, key) => keysOf(input, key).forEach(take));
  usePaste((text) => {
    if (state.current.prompt !== null) take(pasted(text));
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: one timer for the whole life of the screen
  useEffect(() => {
    const look = (): void => {
      try {
        set(withReport(state.current, statusAt(place)));
      } catch (error) {
        // A database that is busy or broken: what is shown stays, and that it is old is said.
        set({ ...state.current, trouble: `cannot be read anew: ${messageOf(error)}` });
      }
    };
    look();
    const timer = setInterval(look, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [place]);

  const { open } = state.current;
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows one log until another is opened
  useEffect(() => {
    if (open === null) return;
    const over = new AbortController();
    lines.current = [];
    const colours = !process.env.NO_COLOR;
    void tailTranscript(place.logs, open, { colours, redact }, over.signal, (all) => {
      const grown = all.length - lines.current.length;
      lines.current = all;
      // Whoever reads further up stays where they read.
      set({ ...state.current, back: state.current.back === 0 ? 0 : Math.max(0, state.current.back + grown) });
    });
    return () => over.abort();
  }, [open, place]);

  return screen(state.current, lines.current, size);
}
