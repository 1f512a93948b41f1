import { STATUS_CODES } from 'node:http';
import type { ProblemDocument } from '@catalyst/model/api/problem-document.ts';
import { CatalystError, type Problem, type Result } from '@catalyst/model/problem.ts';

const statusOfCode: Readonly<Record<string, number>> = {
  NotFound: 404,
  Denied: 403,
  CrossOrigin: 403,
  Unauthenticated: 401,
  Invalid: 422,
  BadRequest: 400,
  Conflict: 409,
  Stale: 409,
  NameTaken: 409,
  LastAdmin: 409,
  AccountExists: 409,
  LinkUsed: 410,
  LinkExpired: 410,
  TooSlow: 408,
  TooLarge: 413,
  UnsupportedMediaType: 415,
  MisdirectedRequest: 421,
  TooMany: 429,
  Unavailable: 503,
  Internal: 500,
};

/** The answer, or a throw that the error handler turns into a problem document. */
export function answerOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const [first] = result.problems;
  throw new CatalystError(
    first?.code ?? 'Invalid',
    first?.message ?? 'This cannot be done as it was asked for.',
    { problems: result.problems },
  );
}

/** What a caller is told of an error: never a stack, a cause, or words that were not written for them. */
export function toProblemDocument(error: unknown): ProblemDocument {
  const known = translate(error);
  const status = statusOfCode[known.code] ?? (known.retry === 'later' ? 503 : 422);
  if (status === 500)
    return document(
      status,
      'Internal',
      'Something went wrong here. Try again; if it stays, tell the administrator the request id.',
      [],
    );
  return document(status, known.code, known.message, known.problems);
}

function document(
  status: number,
  code: string,
  detail: string,
  problems: readonly Problem[],
): ProblemDocument {
  const list = problems.length > 0 ? problems : [{ code, message: detail }];
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    problems: list.slice(0, 100).map((problem) => ({ ...problem })),
  };
}

interface ValidationIssue {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Foreign errors are understood here, once. */
function translate(error: unknown): CatalystError {
  if (isFullDisk(error)) return diskFull;
  if (error instanceof CatalystError) return error;
  if (!(error instanceof Error)) return new CatalystError('Internal', 'unknown');
  if ('validation' in error && Array.isArray(error.validation)) {
    const part = 'validationContext' in error ? String(error.validationContext) : 'body';
    return invalid(part, error.validation as ValidationIssue[]);
  }
  const code = 'code' in error ? String(error.code) : '';
  const message = fastifyErrors[code];
  if (message) return new CatalystError(message[0], message[1]);
  const status = 'statusCode' in error ? error.statusCode : undefined;
  // What the body parser refuses (broken JSON, `__proto__`) comes as a plain SyntaxError with status 400.
  if (status === 400 && error instanceof SyntaxError)
    return new CatalystError('BadRequest', `The body is not valid JSON: ${error.message.slice(0, 200)}`);
  if (status === 400) return new CatalystError('BadRequest', 'The request is malformed.');
  if (status === 429) return new CatalystError('TooMany', error.message);
  return new CatalystError('Internal', 'unexpected', { cause: error });
}

const diskFull = new CatalystError(
  'Unavailable',
  'The disk of this machine is full, so this was not done. Free some space and try again.',
  { retry: 'later' },
);

/** Whatever was being written, by whichever part: the system's code is all that tells. */
function isFullDisk(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 5) return false;
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true;
  return isFullDisk(error.cause, depth + 1);
}

const fastifyErrors: Readonly<Record<string, readonly [string, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['TooLarge', 'The body is too large: at most 1 MiB is taken here.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'UnsupportedMediaType',
    'The body must be JSON, sent with `Content-Type: application/json`.',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['BadRequest', 'The body is empty, and JSON was expected.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['BadRequest', 'The body is not valid JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['BadRequest', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: ['BadRequest', 'The path is not validly encoded.'],
  FST_ERR_MAX_PARAM_LENGTH: ['NotFound', 'There is nothing here under this name, or you may not see it.'],
};

function invalid(part: string, issues: readonly ValidationIssue[]): CatalystError {
  const problems = issues.map((issue): Problem => {
    const extra = issue.params['additionalProperty'] ?? issue.params['missingProperty'];
    const field = `${issue.instancePath}${typeof extra === 'string' ? `/${extra}` : ''}`;
    return { code: 'Invalid', field: field === '' ? '/' : field, message: explain(part, field, issue) };
  });
  const detail = problems[0]?.message ?? 'The request is not valid.';
  return new CatalystError('Invalid', detail, { problems });
}

function explain(part: string, field: string, issue: ValidationIssue): string {
  const where = `${part}${field}`.replaceAll('/', '.');
  if (issue.keyword === 'additionalProperties') return `${where} is not known here.`;
  if (issue.keyword === 'required') return `${where} is missing.`;
  const allowed = issue.params['allowedValue'] ?? issue.params['allowedValues'];
  return `${where} ${issue.message ?? 'is not valid'}${allowed === undefined ? '' : `: ${JSON.stringify(allowed)}`}.`;
}
