/** What can be taken away of the promises across machines, to see that the simulation would notice. */
export const WITHOUT = ['lease', 'local journal', 'leader’s fence', 'checksum'] as const;
export type Without = (typeof WITHOUT)[number];
