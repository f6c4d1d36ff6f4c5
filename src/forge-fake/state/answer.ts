/** What a handler says; the server adds the headers that every answer of GitHub bears. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string goes out as it is with the content type from `headers`. Absent: no body. */
  readonly body?: unknown;
}

/** Thrown by anything below a route; the server answers with it. */
export class Refused extends Error {
  readonly answer: Answer;
  constructor(answer: Answer, message: string) {
    super(message);
    this.name = 'Refused';
    this.answer = answer;
  }
}

const DOCS = 'https://docs.github.com/rest';

/** GitHub's plain error: message, where to read on, and the status as text. */
export function refusal(status: number, message: string, extra: Readonly<Record<string, unknown>> = {}, doc: string = DOCS): Refused {
  const body = { message, ...extra, documentation_url: doc, status: String(status) };
  return new Refused({ status, body }, `${status} ${message}`);
}

export interface FieldError {
  readonly resource: string;
  readonly code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'custom' | 'unprocessable';
  readonly field?: string;
  readonly message?: string;
}

export const invalid = (...errors: FieldError[]): Refused => refusal(422, 'Validation Failed', { errors });
export const notFound = (message = 'Not Found'): Refused => refusal(404, message);
export const badCredentials = (): Refused => refusal(401, 'Bad credentials');
export const loginNeeded = (): Refused => refusal(401, 'Requires authentication');
/** What GitHub says to a person who may read but not do this. */
export const forbidden = (message = 'Must have admin rights to Repository.'): Refused => refusal(403, message);

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: { readonly url?: unknown }): Answer => ({
  status: 201,
  body,
  ...(typeof body.url === 'string' ? { headers: { location: body.url } } : {}),
});
