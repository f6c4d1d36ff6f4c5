/** The repository that the demo works on, commit by commit: small, real, with a check that needs Node alone. */
export interface FirstCommit {
  readonly author: string;
  readonly message: string;
  readonly files: Readonly<Record<string, string>>;
}

const README = `# widgets

A tiny shop: a catalogue, prices, a command line.

    node src/cli.mjs list
    node src/cli.mjs price sprocket 3
    ./check.sh
`;

const CATALOGUE = `/** Everything we sell; prices in cents. */
export const catalogue = [
  { name: 'sprocket', cents: 1250 },
  { name: 'cog', cents: 399 },
  { name: 'flange', cents: 2075 },
];

export const find = (name) => catalogue.find((widget) => widget.name === name);
`;

const PRICE = `/** The price of so many, in cents. */
export const total = (widget, count) => widget.cents * count;

/** Less so many percent. */
export const discount = (cents, percent) => cents - (cents * percent) / 100;
`;

const CLI = `import { catalogue, find } from './catalogue.mjs';
import { total } from './price.mjs';

const [verb, name, count = '1'] = process.argv.slice(2);
if (verb === 'list') for (const widget of catalogue) console.log(widget.name);
else if (verb === 'price' && find(name)) console.log((total(find(name), Number(count)) / 100).toFixed(2));
else {
  console.error('usage: cli.mjs list | price NAME [COUNT]');
  process.exitCode = 2;
}
`;

const CHECKS = `import assert from 'node:assert/strict';
import { catalogue, find } from '../src/catalogue.mjs';
import { discount, total } from '../src/price.mjs';

assert.equal(find('cog').cents, 399);
assert.equal(find('teapot'), undefined);
assert.equal(total(find('sprocket'), 3), 3750);
assert.equal(discount(1000, 10), 900);
assert.equal(new Set(catalogue.map((widget) => widget.name)).size, catalogue.length);
console.log('all checks passed');
`;

export const COMMITS: readonly FirstCommit[] = [
  {
    author: 'Mara Lind <mara@widgets.test>',
    message: 'A catalogue of widgets',
    files: { 'README.md': README, 'src/catalogue.mjs': CATALOGUE, '.gitignore': 'node_modules/\n*.tmp\n' },
  },
  {
    author: 'Ines Okafor <ines@widgets.test>',
    message: 'Prices, and a command line',
    files: { 'src/price.mjs': PRICE, 'src/cli.mjs': CLI },
  },
  {
    author: 'Mara Lind <mara@widgets.test>',
    message: 'Checks that need nothing but Node',
    files: {
      'test/run.mjs': CHECKS,
      'check.sh': '#!/bin/sh\nexec node test/run.mjs\n',
      'examples/list.sh': '#!/bin/sh\nexec node src/cli.mjs list\n',
      'examples/OLD-NOTES.txt': 'Call the printer about the brochure.\n',
    },
  },
];
