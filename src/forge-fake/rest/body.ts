import { refusal } from '../state/answer.ts';
import type { Call } from './router.ts';

/** The request's body as an object; GitHub refuses anything else. */
export function objectBody(call: Call): Readonly<Record<string, unknown>> {
  if (typeof call.body === 'object' && call.body !== null && !Array.isArray(call.body)) return call.body as Record<string, unknown>;
  if (call.body === undefined) return {};
  throw refusal(400, 'Body should be a JSON object');
}

const wrongType = (field: string, value: unknown, wanted: string): Error =>
  refusal(422, `Invalid request.\n\nFor 'properties/${field}', ${JSON.stringify(value)} is not ${wanted}.`);

/** Undefined: it is not there. */
export function textField(body: Readonly<Record<string, unknown>>, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || typeof value === 'string') return value;
  throw wrongType(field, value, 'a string');
}

/** As `textField`, and null is a value. */
export function nullableText(body: Readonly<Record<string, unknown>>, field: string): string | null | undefined {
  return body[field] === null ? null : textField(body, field);
}

export function flagField(body: Readonly<Record<string, unknown>>, field: string): boolean {
  const value = body[field] ?? false;
  if (typeof value === 'boolean') return value;
  throw wrongType(field, value, 'a boolean');
}

export function choiceField<T extends string>(
  body: Readonly<Record<string, unknown>>,
  field: string,
  choices: readonly T[],
): T | undefined {
  const value = nullableText(body, field);
  if (value === undefined || value === null) return undefined;
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw wrongType(field, value, `one of ${choices.join(', ')}`);
  return choice;
}

/** Label names, which may come as texts or as objects with a name. */
export function namesField(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw wrongType('labels', value, 'an array');
  return value.map((item: unknown) => {
    if (typeof item === 'string') return item;
    if (typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string') return item.name;
    throw wrongType('labels', item, 'a label');
  });
}
