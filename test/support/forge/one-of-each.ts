/** One of each role; `rea` may only read, `fay` is nobody special. */
export const ONE_OF_EACH = [
  { login: 'ana', role: 'admin' },
  { login: 'mai', role: 'maintain' },
  { login: 'wil', role: 'write' },
  { login: 'tri', role: 'triage' },
  { login: 'rea', role: 'read' },
  { login: 'fay', role: 'none' },
] as const;
