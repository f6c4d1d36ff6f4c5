import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useAsked } from '../ground/asked.ts';
import { cost, hasCost, type Money, plain, plural, sumOfMoney } from '../ground/words.ts';
import { order } from '../link/ask.ts';
import type { Repositories as Answer } from '../link/contract.ts';

type Repository = Answer['repositories'][number];

const AGAIN = 30_000;

/** What else this person's daemons serve on this machine, and all of it in sum; nothing where this is the only one. */
export function Repositories() {
  const beat = useSignal(0);
  const why = useSignal<string | null>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      beat.value += 1;
    }, AGAIN);
    return () => clearInterval(timer);
  }, []);
  const answer = useAsked<Answer>('repositories', String(beat.value));
  const all = answer?.ok === true ? answer.value.repositories : [];
  if (all.length < 2) return null;
  const open = async ({ root }: Repository): Promise<void> => {
    const link = await order<{ url: string }>('repositories/link', { root });
    if (link.ok) location.assign(link.value.url);
    else why.value = link.why;
  };
  return (
    <section class="group" aria-label="Repositories">
      <h2>
        Repositories <span class="count">{all.length}</span> <span class="cut">{inAll(all)}</span>
      </h2>
      <ul class="rows repositories">
        {all.map((one) => (
          <li key={one.root}>
            <div>
              {one.here ? (
                <b>{nameOf(one)}</b>
              ) : (
                <button type="button" class="more" onClick={() => void open(one)}>
                  {nameOf(one)}
                </button>
              )}{' '}
              <span class="cut mono">{plain(one.root)}</span>
            </div>
            <p class="number">
              {one.why === null ? saidOf(one) : plain(one.why)}
              {one.here && <span class="cut"> this one</span>}
            </p>
          </li>
        ))}
      </ul>
      <output class="cut">{why.value}</output>
    </section>
  );
}

const today = (spent: Money): string => (hasCost(spent) ? `${cost(spent)} today` : '');

const nameOf = ({ root }: Repository): string => plain(root.split('/').at(-1) ?? root);

function saidOf({ slots, needs_you: needs, usd_today: usd, health, ...notCertain }: Repository): string {
  const parts = [
    slots === null ? '' : `${slots.used} of ${slots.of ?? '?'} slots`,
    needs === null || needs === 0 ? '' : `${plural(needs, 'task')} ${needs === 1 ? 'needs' : 'need'} you`,
    usd === null ? '' : today({ usd, ...notCertain }),
    health === null || health === 'ok' ? '' : plain(health),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function inAll(all: readonly Repository[]): string {
  const sum = (of: (one: Repository) => number): number => all.reduce((total, one) => total + of(one), 0);
  const needs = sum(({ needs_you: many }) => many ?? 0);
  const spent = sumOfMoney(all.map(({ usd_today: usd, ...notCertain }) => ({ ...notCertain, usd: usd ?? 0 })));
  const used = sum(({ slots }) => slots?.used ?? 0);
  return [
    'in all',
    [`${plural(used, 'slot')} at work`, `${plural(needs, 'task')} ${needs === 1 ? 'needs' : 'need'} you`, today(spent)]
      .filter((part) => part !== '')
      .join(', '),
  ].join(' ');
}
