import { expect, onTestFinished, test, vi } from 'vitest';
import { render } from './prompt.ts';

test('a template that the machine had no time for is rendered again', () => {
  let waits = 2;
  let late = 0;
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + late);
  onTestFinished(() => clock.mockRestore());
  const variables = {
    get task() {
      if (waits-- > 0) late += 600;
      return 'gh-1';
    },
  };
  expect(render('{{ task }} and {{ task }}', variables, 'worker_template.md')).toBe('gh-1 and gh-1');
});

test('one that takes all the time there is fails, and is named', () => {
  const endless = '{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}';
  expect(() => render(endless, {}, 'worker_template.md')).toThrow(/^worker_template\.md: .*limit exceeded/);
});
