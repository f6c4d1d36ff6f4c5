import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/* Given to Node by --import: writes down which modules a program loads, one address a line, into the file that LOADED names. */
const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) loaded.push(url);
    return next(url, context);
  },
});
process.on('exit', () => writeFileSync(process.env.LOADED ?? '/dev/null', loaded.join('\n')));
