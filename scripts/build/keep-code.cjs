'use strict';
/* `node FLAGS keep-code.cjs DIST LINES`: answers each of the command lines in one process, and writes what V8 made of the files beside them. */
const { writeFileSync } = require('node:fs');
const { resolve } = require('node:path');
const { loaderOf } = require('../../bin/at-once.cjs');

const [, , dist, lines] = process.argv;
const folder = `${resolve(dist)}/at-once/`;
const { load, scripts, madeBy } = loaderOf(folder);

async function main() {
  const { answerAtOnce } = load('answer.js');
  for (const line of JSON.parse(lines)) {
    if (!(await answerAtOnce(line))) throw new Error(`${line.join(' ')} is not answered at once`);
  }
  for (const [name, script] of scripts) writeFileSync(`${folder}${name}.${madeBy}.code`, script.createCachedData());
}

main().then(
  // A worker that is gone is an exit code of the command's own.
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
