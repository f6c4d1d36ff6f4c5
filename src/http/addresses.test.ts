import { expect, test } from 'vitest';
import { openApi } from '../api/openapi/openapi.ts';
import { createOutlines } from '../transcript/outline/outlines.ts';
import { createApi } from './api.ts';
import { createKeys } from './guard/keys.ts';
import { createPreviews } from './preview/previews.ts';
import type { Desk } from './routes/desk.ts';

test('the OpenAPI document has the addresses that are answered, and no other', () => {
  const app = createApi({
    desk: { now: () => 0 } as Desk,
    ...{
      keys: createKeys('t'.repeat(43), null, 1),
      userOf: () => () => null,
      outlines: createOutlines(1),
      previews: createPreviews({ refusal: () => null, dial: async () => null }),
      url: 'http://127.0.0.1:1',
      onError: () => undefined,
    },
  });
  const answered = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(?:\{[^/]*\})?/g, '{$1}')}`);
  const told = Object.entries(openApi().paths as Readonly<Record<string, object>>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(answered.length).toBeGreaterThan(40);
  expect([...new Set(answered)].sort()).toEqual([...told].sort());
});
