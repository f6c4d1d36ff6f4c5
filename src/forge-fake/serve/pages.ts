import { settlePulls } from '../rules/pulls.ts';
import { document, type Html, html } from '../shape/html.ts';
import { fullName } from '../shape/shapes.ts';
import { isPull, type Pull } from '../shape/shapes-pull.ts';
import { notFound } from '../state/answer.ts';
import { barePath, type Fake } from '../state/fake.ts';
import { runGit } from '../state/git.ts';
import type { Issue } from '../state/state.ts';

/** The page at this path as HTML, or null where there is none. For people: nothing in it is meant for programs. */
export async function findPage(fake: Fake, path: string): Promise<string | null> {
  const repo = fullName(fake);
  const prefix = `/${repo}`;
  if (path === '/' || path === prefix || path === `${prefix}/`) return listPage(fake, 'pulls');
  if (!path.startsWith(`${prefix}/`)) return null;
  const [kind, number, ...more] = path.slice(prefix.length + 1).split('/');
  if (more.length > 0) return null;
  if (number === undefined) return kind === 'issues' || kind === 'pulls' ? listPage(fake, kind) : null;
  if (kind !== 'issues' && kind !== 'pull') return null;
  const issue = fake.store.state.issues.find((one) => String(one.number) === number);
  if (issue === undefined) throw notFound();
  return document({ repo, title: `#${issue.number} ${issue.title}` }, await itemBody(fake, issue));
}

const stateWord = (issue: Issue): string => {
  if (issue.pull?.mergedAt != null) return 'merged';
  return issue.state === 'open' && issue.pull?.draft === true ? 'draft' : issue.state;
};

const tag = (text: string): Html => html`<span class="tag">${text}</span> `;

async function listPage(fake: Fake, kind: 'issues' | 'pulls'): Promise<string> {
  await settlePulls(fake, fake.store.state.repo.owner);
  const repo = fullName(fake);
  const items = fake.store.state.issues.filter((issue) => isPull(issue) === (kind === 'pulls')).reverse();
  const row = (issue: Issue): Html =>
    html`<li>${tag(stateWord(issue))}<a href="/${repo}/${kind === 'pulls' ? 'pull' : 'issues'}/${issue.number}">${issue.title}</a>
 ${issue.labels.map(tag)}<br><small>#${issue.number} by ${issue.author}, ${issue.createdAt}</small></li>`;
  const title = kind === 'pulls' ? 'Pull requests' : 'Issues';
  const rows = items.length === 0 ? html`<p class="soft">None yet.</p>` : html`<ul class="rows">${items.map(row)}</ul>`;
  return document({ repo, title }, html`<h1>${title}</h1>${rows}`);
}

const box = (title: string | Html, body: Html): Html => html`<section class="box"><header>${title}</header>${body}</section>`;
const words = (text: string | null): Html => html`<pre class="text">${text === null || text === '' ? 'No description.' : text}</pre>`;

async function itemBody(fake: Fake, issue: Issue): Promise<Html> {
  const comments = fake.store.state.comments.filter((comment) => comment.issue === issue.number);
  return html`<h1>${issue.title} <span class="soft">#${issue.number}</span></h1>
<p>${tag(stateWord(issue))}${issue.labels.map(tag)}</p>
${box(`${issue.author}, ${issue.createdAt}`, words(issue.body))}
${comments.map((comment) => box(`${comment.author}, ${comment.createdAt}`, words(comment.body)))}
${isPull(issue) ? await pullBody(fake, issue) : null}`;
}

async function pullBody(fake: Fake, { pull }: Pull): Promise<Html> {
  const bare = barePath(fake);
  const log = await runGit(bare, ['log', '--format=%h %an: %s', `${pull.base.sha}..${pull.head.sha}`]);
  const diff = await runGit(bare, ['diff', `${pull.base.sha}...${pull.head.sha}`]);
  const from = `${pull.head.owner}:${pull.head.ref}`;
  return html`${box(html`Commits from <b>${from}</b> into <b>${pull.base.ref}</b>`, html`<pre>${log.out}</pre>`)}
${box('Changes', html`<pre>${diff.out.split('\n').map(diffLine)}</pre>`)}`;
}

function diffLine(line: string): Html {
  if (line.startsWith('+') && !line.startsWith('+++')) return html`<span class="add">${line}</span>\n`;
  if (line.startsWith('-') && !line.startsWith('---')) return html`<span class="del">${line}</span>\n`;
  return line.startsWith('@@') || line.startsWith('diff ') ? html`<span class="hunk">${line}</span>\n` : html`${line}\n`;
}
