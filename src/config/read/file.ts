/** What people write, in the repository's root. */
export const CONFIG_FILE = 'tac8.yaml';
