import { isPaletteOpen } from '../act/palette.tsx';
import { Ago } from '../ground/ago.tsx';
import { now } from '../ground/clock.ts';
import { Sentence } from '../ground/sentence.tsx';
import { bytes, clockTime, cost, dollars, hasCost, plain, type RequestsLeft, requestsLeft, span, withHint } from '../ground/words.ts';
import type { State } from '../link/contract.ts';
import { isLocked, isStale, lost } from '../link/fleet.ts';
import { route } from '../link/route.ts';

const LITTLE_DISK = 5e9;

/** `brief`: one line, where something else needs the room. */
export function Top({ state, brief }: { readonly state: State | null; readonly brief: boolean }) {
  return (
    <header class="top">
      <div class="top-line">
        <a class="brand" href="#/">
          <img src="/icon.svg" alt="" />
          <span>{state === null ? 'tac8' : plain(state.root.split('/').at(-1) ?? 'tac8')}</span>
        </a>
        <nav class="views" aria-label="Views">
          <a class="button" data-kind="plain" href="#/board">
            Board
          </a>
          <a class="button" data-kind="plain" href="#/charts">
            Charts
          </a>
          <a class="button" data-kind="plain" href="#/search">
            Search
          </a>
          <a class="button" data-kind="plain" href="#/setup">
            Setup
          </a>
        </nav>
        <span class="grow" />
        <button
          type="button"
          class="button"
          data-kind="plain"
          onClick={() => {
            isPaletteOpen.value = true;
          }}
        >
          Commands <kbd>Ctrl K</kbd>
        </button>
        <Fresh state={state} />
      </div>
      {state !== null && !brief && <Facts state={state} />}
      <Banners state={state} />
    </header>
  );
}

function Fresh({ state }: { readonly state: State | null }) {
  // Told anew each second.
  void now.value;
  if (isLocked.value) return <span class="fresh">not let in</span>;
  if (lost.value !== null) return <span class="fresh number">no answer for {span(Date.now() - lost.value.since)}</span>;
  if (state?.seen_at == null) return <span class="fresh">{state === null ? 'asking the daemon' : 'never ran here'}</span>;
  return (
    <span class="fresh number" title={`seen at ${state.seen_at}`}>
      <i class="live" aria-hidden="true" />
      <span class="fresh-word">{isStale.value ? 'seen' : 'live, seen'}</span> <Ago at={state.seen_at} after=" ago" />
    </span>
  );
}

function Facts({ state }: { readonly state: State }) {
  const { slots, health, github_limit: limit, spend_today: spend, machine, issues } = state;
  return (
    <dl class="facts" aria-label="the fleet as a whole">
      <div class="fact">
        <dt>slots</dt>
        <dd>
          {slots.of !== null && slots.of <= 16 && (
            <span class="pips" aria-hidden="true">
              {Array.from({ length: slots.of }, (_, index) => (
                <i key={index} class={index < slots.used ? 'used' : undefined} />
              ))}
            </span>
          )}
          {slots.used} of {slots.of ?? '?'}
        </dd>
      </div>
      <Fact name="health" tone={health === 'ok' ? undefined : health === 'warning' ? 'warn' : 'bad'} value={healthOf(state)} />
      {issues !== null && (
        <div class="fact" data-tone={issues.known ? undefined : 'warn'}>
          <dt>GitHub</dt>
          <dd title={issues.because ?? undefined}>
            {' '}
            {issues.known ? (
              <Ago at={issues.at} after=" ago" />
            ) : (
              <>
                unknown{issues.since !== null && ' for '}
                <Ago at={issues.since} />
              </>
            )}
          </dd>
        </div>
      )}
      {limit?.remaining != null && <Left remaining={limit.remaining} of={limit.limit} anew={limit.reset_at} />}
      <Fact name="today" tone={spend.cap_usd !== null && spend.usd > spend.cap_usd * 0.8 ? 'warn' : undefined} value={spentToday(spend)} />
      {machine !== null && (
        <>
          <Fact name="disk free" tone={machine.disk_free < LITTLE_DISK ? 'warn' : undefined} value={bytes(machine.disk_free)} />
          <Fact name="memory free" value={bytes(machine.memory_free)} />
        </>
      )}
    </dl>
  );
}

/** What is left of GitHub's requests; once it is little, until when. */
function Left(limit: RequestsLeft) {
  const { value, isLittle } = requestsLeft(limit, now.value);
  return <Fact name="requests left" tone={isLittle ? 'warn' : undefined} value={value} />;
}

function spentToday(spend: State['spend_today']): string {
  const most = spend.cap_usd === null ? null : dollars(spend.cap_usd);
  if (hasCost(spend)) return `${cost(spend)}${most === null ? '' : ` of ${most}`}`;
  return `no cost told${most === null ? '' : `, ${most} at most`}`;
}

/** With what makes it so, where nothing else on the page says it. */
function healthOf({ health, recent: { runs, failed } }: State): string {
  if (health !== 'warning') return health;
  return `${health}: ${runs === 1 ? 'the last run failed' : `${failed} of the last ${runs} runs failed`}`;
}

function Fact({ name, value, tone }: { readonly name: string; readonly value: string; readonly tone?: string | undefined }) {
  return (
    <div class="fact" data-tone={tone}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** What the provider said when it held all starts back. */
const PARKED: Readonly<Record<string, string>> = {
  usage_limit: 'Usage limit',
  auth_error: 'The login is refused',
  billing_error: 'The account is not paid for',
  provider_error: 'The provider does not work',
};

/** Warnings that have a banner of their own words. */
const SAID: ReadonlySet<string> = new Set(['trouble', 'damage', 'held', 'paused', 'parked', 'line']);

interface Banner {
  readonly key: string;
  readonly tone: string;
  readonly title: string;
  readonly text: string;
  /** Where something can be done about it. */
  readonly href?: string;
}

/** What keeps new starts back or must be known before anything else is read. */
function Banners({ state }: { readonly state: State | null }) {
  const said: Banner[] = [];
  const gone = lost.value;
  // Who is not let in is told so in the place of the fleet.
  if (gone !== null && !(isLocked.value && state === null))
    said.push({
      key: 'lost',
      tone: 'bad',
      title: isLocked.value ? 'Not let in any more' : 'No answer',
      text: `${gone.why}. What is shown was so at ${clockTime(gone.since)}; the page goes on asking.`,
    });
  else if (isStale.value && state?.seen_at != null)
    said.push({
      key: 'old',
      tone: 'warn',
      title: 'Old',
      text: `the daemon last looked ${span(now.value - Date.parse(state.seen_at))} ago`,
    });
  if (state !== null) {
    const { trouble, damage, parked, parked_logins, paused_at, draining, held_edit, problems } = state;
    if (trouble !== null) said.push({ key: 'trouble', tone: 'bad', title: 'The loop fails', text: trouble.message });
    if (damage !== null) said.push({ key: 'damage', tone: 'bad', title: 'The database was damaged', text: damage.message });
    if (draining)
      said.push({ key: 'draining', tone: 'warn', title: 'Leaving', text: 'nothing new starts; the daemon leaves when the runs end' });
    if (paused_at !== null)
      said.push({ key: 'paused', tone: 'warn', title: 'Paused', text: `nothing new starts, since ${clockTime(Date.parse(paused_at))}` });
    if (parked !== null)
      said.push({
        key: 'parked',
        tone: 'warn',
        title: PARKED[parked.type] ?? 'Nothing starts',
        text: `${parked.message}${parked.until === null ? '' : `; ${span(Date.parse(parked.until) - now.value)} to go`}`,
      });
    for (const { login, message, until } of parked_logins)
      said.push({
        key: `parked ${login}`,
        tone: 'warn',
        title: `Nothing starts with the login ${login}`,
        text: `${message}${until === null ? '' : `; ${span(Date.parse(until) - now.value)} to go`}`,
      });
    // The board says more of it itself.
    if (held_edit !== null && route.value.view !== 'board')
      said.push({ key: 'held', tone: 'warn', title: 'An edit of tasks.md is held', text: withHint(held_edit), href: '#/board' });
    for (const { what, level, text, hint } of state.warnings)
      if (level !== 'note' && !SAID.has(what))
        said.push({
          key: `${what} ${text}`,
          tone: level,
          title: level === 'bad' ? 'Does not work' : 'Held up',
          text: hint === null ? text : `${text}; ${hint}`,
        });
    // Of a file as a whole an edit that is held says the same.
    for (const { line, message } of problems)
      if (line > 0 || held_edit === null)
        said.push({ key: `line ${line}`, tone: 'warn', title: line > 0 ? `tasks.md, line ${line}` : 'tasks.md', text: message });
  }
  return (
    <output>
      {said.map(({ key, tone, title, text, href }) => (
        <span class="banner" data-tone={tone} key={key}>
          <b>{title}</b>{' '}
          <span>
            <Sentence text={text} />
            {href !== undefined && (
              <>
                {' '}
                <a href={href}>Look at it</a>
              </>
            )}
          </span>
        </span>
      ))}
    </output>
  );
}
