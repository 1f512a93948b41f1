import { ok, type Result, refused } from '@catalyst/model/problem.ts';

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
