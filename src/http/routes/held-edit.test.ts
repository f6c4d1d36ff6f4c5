import { expect, test } from 'vitest';
import { AUTH, apiWorld, daemonFact } from '../../../test/support/world/api-world.ts';
import { NOW } from '../../../test/support/world/world.ts';
import { failed } from '../../api/parts.ts';
import { done } from '../../api/verbs.ts';

/* A person's word about an edit of tasks.md that is held: for the text that was looked at, and for no other. */

test.each([
  ['accept', 'accept-edit'],
  ['restore', 'restore-board'],
])('%s reaches the loop with the text that it is for; for another one it does not', async (path, verb) => {
  const heard: unknown[] = [];
  const { ask, store } = await apiWorld((kept) => ({
    hear: (said, by) => {
      heard.push([said, by]);
      const id = kept.ask({ ...said, at: NOW });
      kept.commit({ answers: [{ id, at: NOW, ok: said.args.token !== 'refused', message: 'what happened' }] });
      return id;
    },
  }));
  const answered = async (token: string) => {
    const headers = { ...AUTH, 'content-type': 'application/json' };
    const { status, body } = await ask(`/api/v1/board/${path}`, { method: 'POST', headers, body: JSON.stringify({ token }) });
    return { status, body: JSON.parse(body) as unknown };
  };
  const nothing = await answered('seen');
  expect([nothing.status, failed.parse(nothing.body).error.message]).toEqual([409, 'no edit of tasks.md is held']);
  store.commit({ facts: { daemon: daemonFact({ held: { kind: 'removal', message: 'gone', hint: '', token: 'newer' } }) } });
  const other = await answered('seen');
  expect([other.status, failed.parse(other.body).error.message]).toEqual([409, expect.stringContaining('changed again meanwhile')]);
  expect(heard).toEqual([]);
  const said = await answered('newer');
  expect([said.status, done.parse(said.body)]).toEqual([200, expect.objectContaining({ ok: true, message: 'what happened' })]);
  expect(heard).toEqual([[{ verb, task: null, args: { token: 'newer' } }, expect.stringMatching(/^the page’s key, from /)]]);
  store.commit({ facts: { daemon: daemonFact({ held: { kind: 'removal', message: 'gone', hint: '', token: 'refused' } }) } });
  expect((await answered('refused')).status).toBe(409);
});
