import { perform } from '../perform/index.ts';
import type { Context } from '../ports/context.ts';
import { HERE_WITHIN, lookHere } from './look-here.ts';
import type { Site } from './site.ts';

/** This machine, through its ports. */
export const localSite = (context: Context): Site => ({
  name: null,
  patience: HERE_WITHIN,
  perform: (action, subject, signal) => perform(context, action, subject, signal),
  look: (runs) => lookHere(context.ports, runs),
});
