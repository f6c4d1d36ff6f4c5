import type { Notice, Rule } from '../../../core/model/alert.ts';
import type { Ms } from '../../../core/model/seen.ts';

/** People who want to be told, by the names of their channels. Settings are read anew with each call. */
export interface Notifier {
  /** Who is to be told of this. */
  channelsFor(rule: Rule): readonly string[];
  /** Tells one; answers what it said to that. Gives up by itself within the channel's time limit. Throws a PortError. */
  tell(channel: string, notice: Notice, signal: AbortSignal): Promise<string>;
  /** Where and how often somebody wants to hear that the daemon lives; null: nobody does. */
  beat(): { readonly every: Ms; readonly send: (signal: AbortSignal) => Promise<void> } | null;
}
