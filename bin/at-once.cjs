'use strict';
/*
 * Starts the commands that people ask all day from files that Node's loader of modules need not find and link, each with the code that V8 made of
 * it when tac8 was built. A Node that would make other code of it (another version, another processor, other flags) makes its own.
 */
const { readFileSync } = process.getBuiltinModule('node:fs');
const { Script, constants } = process.getBuiltinModule('node:vm');

/** Who else could use the code that V8 makes here. */
const madeBy = `${process.arch}-${process.versions.v8}`;

/** A part of Node, taken when something of it is used: many cost a tenth of a bare start each. */
function builtIn(name) {
  let found;
  return new Proxy(
    {},
    {
      get(_, key) {
        found ??= process.getBuiltinModule(name);
        return found[key];
      },
    },
  );
}

/** What loads the files of a folder, whose name ends with a slash. */
function loaderOf(folder) {
  const modules = new Map();
  const scripts = new Map();

  /** Undefined: there is none that fits. */
  function codeOf(name) {
    try {
      return readFileSync(`${folder}${name}.${madeBy}.code`);
    } catch {
      return undefined;
    }
  }

  function load(name) {
    const known = modules.get(name);
    if (known !== undefined) return known;
    const exported = {};
    modules.set(name, exported);
    const filename = folder + name;
    // Latin 1 is a byte a letter, which is read in half the time; the build writes all else as escapes.
    const source = `(function (exports, require, __filename, __dirname) {${readFileSync(filename, 'latin1')}\n})`;
    const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    const script = new Script(source, { filename, cachedData: codeOf(name), importModuleDynamically });
    scripts.set(name, script);
    const ask = (asked) => (asked.startsWith('./') ? load(asked.slice(2)) : builtIn(asked));
    script.runInThisContext()(exported, ask, filename, folder.slice(0, -1));
    return exported;
  }
  return { load, scripts, madeBy };
}

if (require.main === module) loaderOf(`${__dirname.slice(0, -'bin'.length)}dist/at-once/`).load('main.js');
else module.exports = { loaderOf };
