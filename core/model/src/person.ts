import { ok, type Result, refused } from './problem.ts';

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
