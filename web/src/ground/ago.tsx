import { now } from './clock.ts';
import { span } from './words.ts';

/** How long ago, counted on while it is looked at; nothing for what never was. */
export function Ago({ at, after = '' }: { readonly at: string | null; readonly after?: string }) {
  const ms = at === null ? Number.NaN : Date.parse(at);
  if (at === null || Number.isNaN(ms)) return null;
  return (
    <time dateTime={at} title={at}>
      {span(now.value - ms)}
      {after}
    </time>
  );
}
