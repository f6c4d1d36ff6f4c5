import { emptyContents, type StoreContents } from '../../src/adapters/store/memory.ts';
import type { Ms } from '../../src/core/model/seen.ts';
import type { RunId, TaskId } from '../../src/core/model/task.ts';
import type { Policy } from '../../src/core/tick/policy.ts';
import type { World } from '../../src/core/tick/world.ts';
import type { Surroundings } from '../../src/engine/ports/machine/surroundings.ts';
import { type BoardEdit, DAY, HOUR, MINUTE } from './incidents/incidents.ts';
import { createTimeline, type Timeline } from './incidents/timeline.ts';
import { createTroubles, type Troubles } from './incidents/troubles.ts';
import { type Bans, createBans } from './judge/bans.ts';
import { createJudge, type Judge } from './judge/judge.ts';
import { createLetters, type Letters } from './judge/letters.ts';
import { createWitness, type Witness } from './judge/witness.ts';
import { createEditor } from './people/board-editor.ts';
import { policyFor } from './policy.ts';
import { type Random, randomOf } from './random.ts';
import type { Safeguard } from './safeguards.ts';
import { type BoardFile, createBoardFile } from './truth/board-file.ts';
import { type Conversations, createConversations } from './truth/conversations.ts';
import { createForge, type ForgeTruth } from './truth/forge.ts';
import { createKernel, type Kernel } from './truth/kernel.ts';
import type { ProgramName } from './truth/programs.ts';
import { createProviders, type Providers } from './truth/providers.ts';
import { createRepository, type RepositoryTruth } from './truth/repository.ts';

/** Everything there is in one simulation. What a daemon's death leaves standing is all of it. */
export interface Stage {
  readonly timeline: Timeline;
  readonly troubles: Troubles;
  readonly judge: Judge;
  readonly policy: Policy;
  /** Some repositories have no GitHub: tasks come from the board and the command line alone. */
  readonly hasForge: boolean;
  /** The safeguard that is taken away, if one is. */
  readonly without: Safeguard | null;
  readonly contents: StoreContents;
  readonly kernel: Kernel;
  readonly forge: ForgeTruth;
  readonly repository: RepositoryTruth;
  readonly board: BoardFile;
  readonly conversations: Conversations;
  /** Null: agents meet limits by chance. */
  readonly providers: Providers | null;
  readonly bans: Bans;
  /** What agents there are while things go wrong; every kind where it is left out. */
  readonly wild?: Readonly<Record<ProgramName, number>>;
  readonly witness: Witness;
  /** Others who are about to write into the store, and what they wrote. */
  readonly intruders: ('task' | 'run')[];
  readonly foreign: Set<TaskId>;
  /** Words of people that stand in the board for good. */
  readonly prose: string[];
  /** What a person wanted last of a task, by its line or by command. */
  readonly wishes: Map<TaskId, symbol>;
  readonly letters: Letters;
  /** What persons have paused, and not let go on since. */
  readonly paused: Set<TaskId | 'fleet'>;
  /** Tasks that persons ever ended: by command, STOP file, signal or the board. */
  readonly ended: Set<TaskId>;
  /** The daemon that runs was told to leave. */
  isLeaving: boolean;
  readonly lines: readonly string[];
  random(...path: readonly (string | number)[]): Random;
  /** A line for the person who looks at a failing seed; put together only when somebody does. */
  trace(words: () => string): void;
  /** Some call will not answer for so long: no bound holds meanwhile. */
  waits(delay: Ms): void;
  isWaiting(): boolean;
  /** Some call ever did not answer for long. */
  hasWaited(): boolean;
  /** Whether a daemon runs now. */
  isUp(): boolean;
  /** How many daemons there were. */
  starts(): number;
  /** What the daemon saw in its last tick; null: it has had none yet. */
  seen(): World | null;
  /** Nothing new goes wrong any more, and agents behave. */
  isCalm(): boolean;
  calm(): void;
  /** Wakes the daemon as its watchers do, or not, when they are deaf. */
  ring(): void;
  ticked(): void;
  editBoard(edit: BoardEdit, pick: number): void;
  readonly names: Surroundings['names'];
}

export interface StageOptions {
  readonly seed: number;
  readonly without: Safeguard | null;
  /** Each labelled issue gets several attempts side by side. */
  readonly races?: boolean;
  /** Three logins share the issues, each with the limits of its own provider, for so many days; 0: one, whose agents meet limits by chance. */
  readonly logins?: number;
  readonly isTraced: boolean;
  /** In place of the one that the seed gives. */
  readonly policy?: Policy;
  /** What the stage knows of the daemons, which stand on it. */
  readonly daemons: () => { isUp(): boolean; starts?(): number; wake(): void; seen(): World | null };
  readonly ticked: () => void;
}

const BEGINNING: Ms = Date.UTC(2026, 10, 23, 8);

export function setStage({ seed, without, races = false, logins = 0, isTraced, daemons, ticked, ...given }: StageOptions): Stage {
  const timeline = createTimeline(BEGINNING);
  const troubles = createTroubles(timeline);
  const lines: string[] = [];
  let waitsUntil: Ms = 0;
  let isCalm = false;

  const base = {
    ...{
      timeline,
      troubles,
      judge: createJudge(timeline.mono),
      policy: given.policy ?? policyFor(randomOf(seed, 'policy'), { races, logins: logins > 0 }),
      without,
      lines,
    },
    ...{ contents: emptyContents(), board: createBoardFile(), ticked, names: namesInTurn() },
    ...{ intruders: [], foreign: new Set<TaskId>(), prose: [], wishes: new Map<TaskId, symbol>() },
    ...{ paused: new Set<TaskId | 'fleet'>(), ended: new Set<TaskId>(), isLeaving: false },
    providers: logins === 0 ? null : createProviders((login) => randomOf(seed, 'provider', login), BEGINNING, logins),
    hasForge: logins > 0 || randomOf(seed, 'forge').chance(0.93),
    random: (...path: readonly (string | number)[]) => randomOf(seed, ...path),
    trace: (words: () => string) => void (isTraced && lines.push(`${clock(timeline.mono())}  ${words()}`)),
    waits: (delay: Ms) => {
      waitsUntil = Math.max(waitsUntil, timeline.mono() + delay);
    },
    isWaiting: () => timeline.mono() < waitsUntil,
    hasWaited: () => waitsUntil > 0,
    isUp: () => daemons().isUp(),
    starts: () => daemons().starts?.() ?? 1,
    seen: () => daemons().seen(),
    isCalm: () => isCalm,
    calm: () => {
      isCalm = true;
      waitsUntil = Math.min(waitsUntil, timeline.mono());
      troubles.endAll();
    },
    ring: () => void (troubles.is('deaf') || daemons().wake()),
  };
  // Each part knows the stage, and uses of it at once only what was there before it.
  const stage = { ...base } as unknown as Stage;
  const add = (parts: Partial<Stage>): void => void Object.assign(stage, parts);
  add({ forge: createForge(stage), repository: createRepository(stage), kernel: createKernel(stage) });
  add({ letters: createLetters(stage), conversations: createConversations(stage), bans: createBans(stage) });
  add({ witness: createWitness(stage), editBoard: createEditor(stage) });
  return stage;
}

/** Names as drawn at random, but always the same ones. */
function namesInTurn(): Surroundings['names'] {
  let count = 0;
  return () => {
    count += 1;
    const hex = count.toString(16);
    return { run: `w-${hex.padStart(6, '0')}` as RunId, session: `00000000-0000-4000-8000-${hex.padStart(12, '0')}` };
  };
}

function clock(ms: Ms): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  return `${Math.floor(ms / DAY)}d ${two((ms / HOUR) % 24)}:${two((ms / MINUTE) % 60)}:${two((ms / 1_000) % 60)}.${String(ms % 1_000).padStart(3, '0')}`;
}
