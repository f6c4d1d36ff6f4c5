import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startCompany } from '../support/network/company.ts';
import { type Workplace, workplace } from '../support/world/daemon.ts';

/** The forge behind a real CONNECT proxy, with a certificate that only the company knows: for the API and for git, the daemon's token beside. */

// A daemon runs to the end of a task, and a machine may be busy.
vi.setConfig({ testTimeout: 150_000 });

const HOST = 'forge.company.example';
const WORK = 'echo work >work.txt\ngit add -A && git commit -qm work\n';

type Set = (place: Workplace, proxy: string, ca: string) => void;
const NETWORKS: Readonly<Record<string, Set>> = {
  'by the environment': ({ env }, proxy, ca) => {
    Object.assign(env, { HTTPS_PROXY: proxy, NO_PROXY: 'elsewhere.example', NODE_EXTRA_CA_CERTS: ca, GIT_SSL_CAINFO: ca });
  },
  'by the person’s own settings of git, and by the environment for the API': ({ env, home }, proxy, ca) => {
    Object.assign(env, { HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: ca });
    mkdirSync(join(home, 'home'), { recursive: true });
    writeFileSync(join(home, 'home', '.gitconfig'), `[http "https://${HOST}"]\n\tproxy = ${proxy}\n\tsslCAInfo = ${ca}\n`);
  },
};

test.for(Object.entries(NETWORKS))('a proxy and certificates %s: a pull', async ([, set], context) => {
  const place = await workplace(context);
  mkdirSync(join(place.home, 'company'));
  const company = await startCompany(join(place.home, 'company'), HOST, place.fake.port);
  context.onTestFinished(() => company.close());
  set(place, company.proxy, company.ca);
  place.repo.git(['remote', 'set-url', 'origin', `https://${HOST}/acme/widgets.git`]);
  place.configure({ agent: place.agent(WORK), github: { api_url: `https://${HOST}/api/v3` } });
  place.issue('Behind a proxy');
  const { findings } = JSON.parse((await place.tac8('doctor', '--json')).out) as {
    readonly findings: readonly { readonly check: string; readonly level: string; readonly says: string }[];
  };
  const of = (check: string) => findings.filter((finding) => finding.check === check);
  expect(of('network').map(({ says }) => says)).toEqual([
    'the API and git go through the proxy in HTTPS_PROXY',
    'workers are not told of HTTPS_PROXY',
    'certificates of one’s own count for the API (NODE_EXTRA_CA_CERTS) and for git',
    // The tripwire of every workplace.
    'http.proxy, core.sshcommand, core.gitproxy in the repository’s git settings are not used: every worker can write there',
  ]);
  expect(of('github')).toEqual([expect.objectContaining({ level: 'ok' })]);
  place.start();
  await place.until('the pull', async () => (await place.status()).tasks.find(({ id }) => id === 'gh-1')?.state === 'completed', 90_000);
  expect(place.fake.state.issues.find(({ pull }) => pull !== null)?.pull?.head.ref).toBe('auto/gh-1');
  expect(new Set(company.asked)).toEqual(new Set([`${HOST}:443`]));
});
