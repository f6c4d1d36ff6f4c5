import { knownAtFirst, READ_AT_FIRST } from './at-first.ts';
import type { Fields } from './words/events.ts';
import { object, string } from './words/fields.ts';

/**
 * A run as a store kept it, with what its version did not keep. 0.1.0 kept neither what the agent can nor our words for what it said: it knew
 * two agents, of which the kind tells what they can, and kept the agent's own words. Whatever else stands in it stays as it is.
 */
export const keptRun = (kept: Fields): Fields => ({ ...kept, ...keptAgent(kept), ...keptStream(kept) });

function keptAgent({ agent }: Fields): Fields {
  const its = object(agent);
  return its === null ? {} : { agent: { can: knownAtFirst(string(its.kind) ?? ''), ...its } };
}

function keptStream({ stream }: Fields): Fields {
  const said = object(stream);
  if (said === null) return {};
  const [result, refused] = [object(said.result), object(said.providerError)];
  return {
    stream: {
      ...said,
      ...(result === null ? {} : { result: { end: endOf(result), ...result } }),
      ...(refused === null ? {} : { providerError: { refusal: refusalOf(refused), ...refused } }),
    },
  };
}

function endOf(result: Fields): string {
  const words = { isError: result.isError === true, subtype: string(result.subtype) ?? '', terminalReason: string(result.terminalReason) };
  return READ_AT_FIRST.endOf(words);
}

const refusalOf = (refused: Fields): string | null => READ_AT_FIRST.refusalOf(string(refused.cause) ?? '');
