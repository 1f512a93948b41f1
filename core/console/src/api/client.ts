import type { ProblemDocument } from '@catalyst/model/api/problem-document.ts';
import type { Problem } from '@catalyst/model/problem.ts';

/** What the API refused, in its own words. `status` 0: no answer came. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problems: readonly Problem[];

  constructor(status: number, code: string, message: string, problems: readonly Problem[] = []) {
    super(message);
    this.name = 'ProblemError';
    this.status = status;
    this.code = code;
    this.problems = problems;
  }
}

/** Joins a path from parts that are names, each escaped. */
export function pathOf(...parts: readonly string[]): string {
  return `/v1/${parts.map(encodeURIComponent).join('/')}`;
}

/** `?a=b&c=d` of what is there, each escaped; empty where nothing is. */
export function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** Asks the API and answers with its JSON; throws a `ProblemError` otherwise. */
export async function request<T>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  options: { body?: unknown; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const response = await send(method, path, options);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  try {
    return (text === '' ? undefined : JSON.parse(text)) as T;
  } catch {
    throw new ProblemError(response.status, 'Malformed', 'The server gave an answer that is not JSON.');
  }
}

/** As `request`, but hands over the response itself: for answers that stream. */
export async function send(
  method: string,
  path: string,
  options: { body?: unknown; signal?: AbortSignal | undefined; accept?: string } = {},
): Promise<Response> {
  const init: RequestInit = {
    method,
    headers: {
      accept: options.accept ?? 'application/json',
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ProblemError(
      0,
      'Unreachable',
      // What is only read is asked for again by itself.
      method === 'GET'
        ? 'Catalyst does not answer. Is it running? This page tries again.'
        : 'Catalyst did not answer, so this may not be done. Look whether it is, and try again.',
    );
  }
  if (!response.ok) throw await toProblemError(response);
  return response;
}

async function toProblemError(response: Response): Promise<ProblemError> {
  const fallback = `The server answered ${response.status}${response.statusText ? ` ${response.statusText}` : ''}.`;
  try {
    const document = (await response.json()) as Partial<ProblemDocument>;
    return new ProblemError(
      response.status,
      document.code ?? 'Unexpected',
      document.detail ?? document.title ?? fallback,
      document.problems ?? [],
    );
  } catch {
    return new ProblemError(response.status, 'Unexpected', fallback);
  }
}

/** The status of a failed request, 0 for anything that is no answer of the API. */
export function statusOf(error: unknown): number {
  return error instanceof ProblemError ? error.status : 0;
}

/** What went wrong, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong.';
}

/** Every problem that a failure names; the failure itself where it names none. */
export function problemsOf(error: unknown): readonly Problem[] {
  if (!(error instanceof ProblemError)) return [{ code: 'Unexpected', message: messageOf(error) }];
  return error.problems.length > 0 ? error.problems : [{ code: error.code, message: error.message }];
}
