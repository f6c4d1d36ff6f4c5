import { type Attack, quoted, type Scene } from './attack.ts';

/* What a worker without a sandbox asks over the page, whose token it can read. */

const NODE = `${process.execPath} --disable-warning=ExperimentalWarning`;

/** With the token of the page, which a worker without a sandbox can read. */
const POST = `const { readFileSync } = require('node:fs'); const [, root, path] = process.argv;
const { url } = JSON.parse(readFileSync(root + '/.tac8/http.json', 'utf8'));
const authorization = 'Bearer ' + readFileSync(root + '/.tac8/page-token', 'utf8').trim();
fetch(url + '/api/v1/' + path, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: '{}' }).then(async (answer) => console.log('left with', answer.ok ? 0 : 1, await answer.text()));`;
/** It asks and is gone, so that nobody can be found at the other end. */
const AND_GONE = `const { readFileSync } = require('node:fs'); const [, root, path] = process.argv;
const { port } = new URL(JSON.parse(readFileSync(root + '/.tac8/http.json', 'utf8')).url);
const token = readFileSync(root + '/.tac8/page-token', 'utf8').trim();
const s = require('node:net').connect(Number(port), '127.0.0.1', () => s.write('POST /api/v1/' + path + ' HTTP/1.1\\r\\nHost: 127.0.0.1:' + port + '\\r\\nAuthorization: Bearer ' + token + '\\r\\nContent-Length: 0\\r\\n\\r\\n', () => process.exit(0)));`;

const stateOf = async ({ place, held }: Scene): Promise<string> =>
  (await place.status()).tasks.find(({ id }) => id === held)?.state ?? 'gone';

const byPage = (what: string, program: string, verb: string, prefix = ''): Attack => ({
  point: 8,
  what,
  holds: true,
  script: ({ place, held }) => `${prefix}${NODE} -e ${quoted(program)} ${place.root} tasks/${held}/${verb}; sleep 2`,
  sounds: async (scene) => (await stateOf(scene)) !== 'pending',
  twin: async (scene) => {
    await scene.person([process.execPath, '-e', POST, scene.place.root, `tasks/${scene.held}/${verb}`]);
    await scene.place.until('the word to count', async () => (await stateOf(scene)) !== 'pending', 60_000);
  },
});

export const PAGE: readonly Attack[] = [
  byPage('over the page: resume', POST, 'resume'),
  byPage('over the page: cancel', POST, 'cancel'),
  byPage('over the page, and gone at once', AND_GONE, 'cancel'),
  byPage(
    'over the page, by a process that shows nobody its files',
    `require('node:child_process').execFileSync('/usr/bin/perl', ['-e', ${JSON.stringify('use Socket; syscall(157, 4, 0, 0, 0, 0); my ($root, $path) = @ARGV; local $/; open(my $f, \'<\', "$root/.tac8/http.json"); my ($port) = <$f> =~ /:(\\d+)"/; open(my $t, \'<\', "$root/.tac8/page-token"); my $token = <$t>; $token =~ s/\\s//g; socket(my $s, PF_INET, SOCK_STREAM, 0); connect($s, pack_sockaddr_in($port, inet_aton(\'127.0.0.1\'))); syswrite($s, "POST /api/v1/$path HTTP/1.1\\r\\nHost: 127.0.0.1:$port\\r\\nAuthorization: Bearer $token\\r\\nContent-Length: 0\\r\\n\\r\\n"); sysread($s, my $answer, 4096); print $answer;')}, ...process.argv.slice(1)], { stdio: 'inherit' });`,
    'cancel',
  ),
];
