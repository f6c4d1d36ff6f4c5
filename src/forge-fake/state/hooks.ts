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

export interface Hooks {
  /** Something happened; sent soon after, as things are then. */
  send(event: string, action: string | null, number: number | null): void;
  /** From now on; null: nowhere. */
  aim(target: HookTarget | null): void;
  sent(): readonly Sent[];
  /** When all that is on its way has arrived. */
  settled(): Promise<void>;
}
