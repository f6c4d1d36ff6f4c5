import { ATTEMPTS, tryEscapes } from '../../src/escape/escapes.ts';

/*
 * All attempts to get out of a worker's box, each with its control outside: `npm run escapes`; `-- --image NAME`: in the box with the files of an image. Exit code 1 when one gets out, or when one does
 * nothing outside either and so says nothing.
 */

const image = process.argv[2] === '--image' ? (process.argv[3] ?? null) : null;
const { attempts, out, idle, rare } = await tryEscapes(ATTEMPTS, image);
const tell = (title: string, names: readonly string[]): void => {
  for (const name of names) process.stdout.write(`${title}  ${name}\n`);
};
tell('OUT ', out);
tell('IDLE', idle);
tell('rare', rare);
process.stdout.write(
  `${attempts} attempts: ${attempts - out.length} held, ${out.length} out; ${attempts - idle.length - rare.length} of them work outside, ${rare.length} not on this machine, ${idle.length} should\n`,
);
process.exitCode = out.length + idle.length === 0 ? 0 : 1;
