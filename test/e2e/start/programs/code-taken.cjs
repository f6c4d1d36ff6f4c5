'use strict';
/* Notes for each script that is made whether V8 took the code that was kept for it. */
const vm = require('node:vm');
const { writeFileSync } = require('node:fs');
const { basename } = require('node:path');

const made = [];
const Script = vm.Script;
vm.Script = class extends Script {
  constructor(source, options) {
    super(source, options);
    const code = options.cachedData === undefined ? 'none' : this.cachedDataRejected ? 'refused' : 'taken';
    made.push({ name: basename(options.filename), code });
  }
};
process.on('exit', () => writeFileSync(process.env.TAKEN, JSON.stringify(made)));
