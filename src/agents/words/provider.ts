import type { Refusal } from '../../core/model/run.ts';

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
