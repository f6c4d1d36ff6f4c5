import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endIsTold, openRuns } from './told.ts';

describe('what a log says of a run’s end at an instant', () => {
  let logs: string;
  beforeEach(() => {
    logs = mkdtempSync(join(tmpdir(), 'tac8-told-'));
  });
  afterEach(() => rmSync(logs, { recursive: true, force: true }));

  const end = (run: string): string => `{"type":"tac8","event":"run_ended","run":"${run}","time":"2020-01-01T00:00:00.000Z"}\n`;
  const log = (task: string, run: string, text: string): void => writeFileSync(join(logs, `${task}.${run}.jsonl`), text);

  it('names the runs of that task alone whose end does not stand there yet', () => {
    log('gh-1', 'w-aa', `{"type":"assistant"}\n${end('w-aa')}`);
    log('gh-1', 'w-bb', `${end('w-aa')}{"type":"assistant"}\n`);
    log('gh-1', 'w-cc', '');
    log('gh-11', 'w-dd', '');
    writeFileSync(join(logs, 'gh-1.w-ee.stderr.log'), '');
    writeFileSync(join(logs, 'gh-1.jsonl'), '');
    expect(openRuns(logs, 'gh-1').toSorted()).toEqual(['w-bb', 'w-cc']);
    expect(endIsTold(logs, 'w-aa')).toBe(true);
  });

  it('finds the end at the end of a long log', () => {
    log('gh-1', 'w-aa', `${'{"type":"assistant"}\n'.repeat(5_000)}${end('w-aa')}`);
    expect(openRuns(logs, 'gh-1')).toEqual([]);
  });

  it('knows of none where no log was ever written', () => {
    expect(openRuns(join(logs, 'none'), 'gh-1')).toEqual([]);
    expect(endIsTold(join(logs, 'none'), 'w-aa')).toBe(false);
  });
});
