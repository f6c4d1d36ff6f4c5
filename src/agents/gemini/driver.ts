import { homedir } from 'node:os';
import { acpTalk } from '../acp/protocol.ts';
import type { Driver } from '../client/driver.ts';
import { keepApart } from './conversation.ts';
import { quotaOf } from './spent.ts';
import { gitIncluded, writeSettings } from './surroundings.ts';

/** `gemini --acp`. It says nothing of what it tries again: its stderr is held back until it ends. */
export const GEMINI_DRIVER: Driver = {
  replies: 'tools',
  variables: ({ home, repoSettings = false }) => {
    writeSettings(homedir(), home, repoSettings, process.env);
    return { ...gitIncluded(process.env), ...(repoSettings ? { GEMINI_CLI_TRUST_WORKSPACE: 'true' } : {}) };
  },
  argv: ({ command, model }) => [...command, '--acp', ...(model === null ? [] : ['--model', model])],
  open: (ground) => {
    const { resume } = ground;
    if (resume !== null) keepApart(homedir(), resume);
    return acpTalk(ground, { spent: quotaOf, answersAll: true });
  },
};
