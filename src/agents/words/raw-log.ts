/** The end of the name of what an agent said in its own words, beside the log that its client wrote. */
export const RAW = '.raw.jsonl';
