import { breakGlassMinutes } from '@catalyst/model/api/break-glass.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { codes, type Problem } from '@catalyst/model/problem.ts';
import type { BrokenGlass } from './break-glass.ts';

/** How often one person breaks the glass of one Environment within a day. */
export const mostADay = 20;

/** For an id that names nothing here. */
export const noSuch: Problem = {
  code: codes.NotFound,
  message: 'Nobody broke the glass here under this id.',
};

/** For whoever was not named. */
export function noRight(actor: Actor): Problem {
  return {
    code: codes.Denied,
    message: actor.readOnly
      ? 'This token only reads. Use one that may write.'
      : 'Breaking the glass is a right of its own, which an org-admin grants by name; no role has it.',
  };
}

/** What is wrong with what was asked for. */
export function checkRequest(reason: string, minutes: number): Problem | undefined {
  const { least, most } = breakGlassMinutes;
  if (reason === '' || reason.length > 500)
    return { code: codes.Invalid, field: 'reason', message: 'Say why, in 1 to 500 characters.' };
  if (!Number.isInteger(minutes) || minutes < least || minutes > most)
    return { code: codes.Invalid, field: 'minutes', message: `Choose ${least} to ${most} whole minutes.` };
  return undefined;
}

/** For who has it open there. */
export function isOpen({ environment, until }: BrokenGlass): Problem {
  return {
    code: codes.Conflict,
    message: `You have broken the glass of ${environment} until ${until} already. Close it first to begin anew.`,
  };
}

/** For who does it so often that the policy must be wrong. */
export function often(environment: string): Problem {
  return {
    code: codes.TooMany,
    message: `You broke the glass of ${environment} ${mostADay} times within a day. Change the policy instead, if it does not fit.`,
  };
}
