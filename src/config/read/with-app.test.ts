import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { withApp } from './with-app.ts';

it.each([
  ['label: x\n', 'label: x\ngithub:\n  app: 7\n'],
  ['', 'github:\n  app: 7\n'],
  ['github:\n  # what for\n  orders: true   # yes\nlabel: x\n', 'github:\n  # what for\n  app: 7\n  orders: true   # yes\nlabel: x\n'],
  ['github:\n    app: 3 # old\n    orders: true', 'github:\n    app: 7 # old\n    orders: true'],
])('%j', (text, wanted) => {
  expect(withApp(text, 7)).toBe(wanted);
  expect(parse(wanted)).toMatchObject({ github: { app: 7 } });
});

it.each(['github: { orders: true }\n', 'github: [\n', '- a\n', 'github: yes\n'])('leaves to a person: %j', (text) => {
  expect(withApp(text, 7)).toBeNull();
});
