/**
 * One thing that is wrong with what somebody gave us, said where it was given.
 * `code` is a PascalCase constant that callers branch on; `message` is for people: what could not be done, why, what to do.
 */
export interface Problem {
  readonly code: string;
  readonly message: string;
  /** Path of the file in its repository, where the input was a file. */
  readonly file?: string;
  /** JSON pointer or dotted path of the field. */
  readonly field?: string;
}

/** An expected outcome as a value: either the answer, or why there is none. */
export type Result<T, E = readonly Problem[]> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: E };

/** Wraps an answer. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** Wraps a refusal. */
export function refused(...problems: readonly Problem[]): {
  readonly ok: false;
  readonly problems: readonly Problem[];
} {
  return { ok: false, problems };
}

/** What a caller may do about a `CatalystError`: `never` without a change, `later` as it is. */
export type Retry = 'never' | 'later';

/**
 * The one error class for what is unexpected at the place where it is thrown. `code` decides (the API maps it to a problem
 * document, controllers to a condition reason); the message never carries a secret or a URL with credentials.
 */
export class CatalystError extends Error {
  readonly code: string;
  readonly retry: Retry;
  readonly problems: readonly Problem[];

  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; retry?: Retry; problems?: readonly Problem[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CatalystError';
    this.code = code;
    this.retry = options.retry ?? 'never';
    this.problems = options.problems ?? [{ code, message }];
  }
}

/**
 * Codes that several layers share. HTTP status in brackets: NotFound (404), Denied (403), Unauthenticated (401), Invalid (422),
 * Conflict (409: a head moved, a name is taken), Stale (409: a plan is out of date), TooLarge (413), TooSlow (408), TooMany (429),
 * Unavailable (503: an engine does not answer; retry later), Internal (500).
 */
export const codes = {
  NotFound: 'NotFound',
  Denied: 'Denied',
  Unauthenticated: 'Unauthenticated',
  Invalid: 'Invalid',
  Conflict: 'Conflict',
  Stale: 'Stale',
  TooLarge: 'TooLarge',
  TooSlow: 'TooSlow',
  TooMany: 'TooMany',
  Unavailable: 'Unavailable',
  Internal: 'Internal',
} as const;
