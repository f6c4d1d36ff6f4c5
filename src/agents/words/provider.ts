import type { Refusal } from '../../core/model/run.ts';
import type { Fields } from './events.ts';
import { list, number, object, string } from './fields.ts';

/** The HTTP status that words name, `status 429`, `code: 401`, `HTTP 503`; null: none. */
export function statusIn(text: string): number | null {
  const found = /\b(?:status(?: code)?|code|HTTP(?:\/[\d.]+)?|API Error)["']?[ :=]{0,3}([45]\d\d)\b/i.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

/** What words of a provider were about, where the status alone does not tell. */
export function refusalIn(text: string): Refusal | null {
  if (/\b(?:billing|credit balance|insufficient[_ ](?:quota|funds|credit)|payment required|quota exceeded\. check your plan)/i.test(text))
    return 'money';
  if (
    /\b(?:unauthori[sz]ed|unauthenticated|invalid (?:api key|authentication)|api key not valid|not logged in|log ?in again)\b/i.test(text)
  )
    return 'login';
  if (/\b(?:rate[_ ]limit|usage limit|too many requests|resource[_ ](?:has been )?exhausted|hit your .{0,30}limit)/i.test(text))
    return 'limit';
  if (
    /\b(?:context (?:window|length)|maximum context|prompt is too long|invalid[_ ](?:request|argument)|bad request|model not found)/i.test(
      text,
    )
  )
    return 'request';
  return null;
}

/** When a limit ends, as a provider's answer says it beside its words: in its headers, or in the object of its error. Null: it does not. */
export function resetSaid(headers: Fields, body: Fields, now: number): number | null {
  const error = object(body.error) ?? body;
  const at = number(error.resets_at);
  if (at !== null && at > 1e9) return at * 1000;
  const seconds = number(error.resets_in_seconds) ?? numeral(headers['retry-after']) ?? inDetails(error);
  if (seconds !== null) return now + seconds * 1000;
  const date = Date.parse(string(headers['retry-after']) ?? '');
  return Number.isNaN(date) ? null : date;
}

const numeral = (value: unknown): number | null =>
  typeof value === 'string' && /^\d{1,7}(?:\.\d{1,9})?$/.test(value.trim()) ? Number(value) : number(value);

/** `"retryDelay": "34s"`, as Google says it. */
function inDetails(error: Fields): number | null {
  const delays = list(error.details).flatMap(
    (detail) => /^(\d{1,7}(?:\.\d{1,9})?)s$/.exec(string(object(detail)?.retryDelay) ?? '')?.[1] ?? [],
  );
  return delays[0] === undefined ? null : Number(delays[0]);
}
