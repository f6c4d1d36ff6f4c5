import { expect, test } from 'vitest';
import { isPlainPath, routeFor } from './pass-on.ts';

const ROUTE = { prefix: '/model', to: 'https://api.example', header: 'x-api-key', before: '', value: 'k', file: null };

test.each(['/model/v1/messages', '/model/v1/messages?beta=true', '/model/v1/files/a.b', '/model/..a/b'])('%s goes by the route', (path) => {
  expect(routeFor(path, [ROUTE])).toBe(ROUTE);
});

test.each([
  ...['/model', '/models/x', '/modelx/v1', '/other/v1', '/model/../x', '/model/..', '/model/./x', '/model/%2e%2e/x', '/model/%2E%2E/x'],
  ...['/model/..;/x', '/model/v1/..;a=b/x', '/model/..%3b/x', '/model/%252e%252e/x', '/model/a%255cb'],
  ...['/model/a%2fb', '/model/a\\b', '/model/a#b', '/model/a b', '/model/a\0', '/model/ü', '//model/v1', 'model/v1', '/x/../model/v1'],
])('%j goes nowhere', (path) => {
  expect(routeFor(path, [ROUTE])).toBeNull();
  if (path.startsWith('/model/')) expect(isPlainPath(path)).toBe(false);
});
