/** Where webhooks go, and what becomes of them on the way. */
export interface HookTarget {
  readonly url: string;
  readonly secret: string;
  /** Every so-manieth is lost; left out: none. */
  readonly lose?: number;
  /** Every so-manieth comes twice, as a redelivery does: with the same number. */
  readonly double?: number;
  /** Each is sent so late. */
  readonly delayMs?: number;
}

/** A webhook that was sent or lost. */
export interface Sent {
  readonly id: string;
  readonly event: string;
  readonly action: string | null;
  /** The number of the issue or pull that it is about. */
  readonly number: number | null;
  readonly at: number;
  /** The answer to the last attempt; null: it was lost, is on its way, or found nobody. */
  status: number | null;
  readonly lost: boolean;
}

/** What happened, and to what. */
export interface Happened {
  readonly event: string;
  readonly action: string | null;
  /** The number of the issue or pull that it is about. */
  readonly number: number | null;
  /** What of it: a label by its name, all else by its number; a branch that moved, and its commits. */
  readonly of: {
    readonly label?: string | undefined;
    readonly comment?: number;
    readonly review?: number;
    readonly check?: number;
    readonly status?: number;
    readonly ref?: string;
    readonly before?: string;
    readonly after?: string;
  };
}

export interface Hooks {
  /** Something happened; sent soon after, as things are then. */
  send(event: string, action: string | null, number: number | null, of?: Happened['of']): void;
  /** From now on; null: nowhere. */
  aim(target: HookTarget | null): void;
  sent(): readonly Sent[];
  /** When all that is on its way has arrived. */
  settled(): Promise<void>;
}
