import { ok, type Result, refused } from '@catalyst/model/problem.ts';

/** One spelling per address: trimmed, lower case. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** An address that can be written to: one `@`, a domain, at most 254 characters, nothing invisible. */
export function checkEmail(email: string): Result<string> {
  const value = normaliseEmail(email);
  return value.length <= 254 && /^[^\s@<>"'\p{C}]{1,64}@[^\s@<>"'\p{C}]+$/u.test(value)
    ? ok(value)
    : refused({
        code: 'Invalid',
        field: 'email',
        message: 'This is no e-mail address. Write it as name@example.org.',
      });
}

/** 1 to 80 characters without control characters. */
export function checkPersonName(name: string): Result<string> {
  const value = name.trim();
  return value.length >= 1 && value.length <= 80 && !/[\p{C}<>]/u.test(value)
    ? ok(value)
    : refused({
        code: 'Invalid',
        field: 'name',
        message: 'A name has 1 to 80 characters, without control characters or angle brackets.',
      });
}

/** 12 to 200 characters, at least 5 different ones, and not somebody's own name or address (NIST SP 800-63B: length over rules). */
export function checkPassword(password: string, own: readonly string[]): Result<string> {
  const characters = [...password].length;
  if (characters < 12 || characters > 200)
    return weak(`A password has 12 to 200 characters; this one has ${characters}.`);
  if (new Set(password.toLowerCase()).size < 5)
    return weak('This password repeats too few characters. Use at least 5 different ones.');
  const lower = password.toLowerCase();
  if (own.some((word) => word.toLowerCase() === lower))
    return weak('A password must not be your own name or e-mail address.');
  return ok(password);
}

function weak(message: string) {
  return refused({ code: 'WeakPassword', field: 'password', message });
}
