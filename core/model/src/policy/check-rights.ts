import { type Actor, authorize, mayGiveChecks } from '../authorization.ts';
import { codes, type Problem } from '../problem.ts';
import { listWords } from './approvals.ts';

/** How checks are named. */
export const checkName = /^[A-Za-z0-9][\w .:/-]{0,99}$/;
/** Most checks that one token may post. */
export const mostCheckNames = 20;

/** What is wrong with the names that a token is to have the right to. */
export function checkNamesProblem(names: readonly string[]): Problem | undefined {
  const wrong = (message: string): Problem => ({ code: codes.Invalid, field: 'checks.names', message });
  if (names.length === 0 || names.length > mostCheckNames)
    return wrong(`A token posts 1 to ${mostCheckNames} checks. Name them, or make several tokens.`);
  if (new Set(names).size < names.length) return wrong('Name each check once.');
  const odd = names.find((name) => !checkName.test(name));
  return odd === undefined
    ? undefined
    : wrong(
        `"${odd.slice(0, 100)}" is no name of a check: 1 to 100 letters, digits, spaces and . : / - _, exactly as it is posted.`,
      );
}

/** Why somebody may not post a check, and who can give the right; undefined: he may. */
export function whyNotPostCheck(actor: Actor, organization: string, check: string): Problem | undefined {
  if (authorize(actor, 'check.post', { organization, check }) === 'allowed') return undefined;
  const giver = `an org-admin of ${organization} (or a sovereign-admin)`;
  const wayOut = `Only a token that was given the right posts a check: ${giver} makes one for "${check.slice(0, 100)}" under Access tokens.`;
  const { checkRight } = actor;
  const denied = (message: string): Problem => ({ code: codes.Denied, message });
  if (checkRight?.organization !== organization) return denied(wayOut);
  if (!mayGiveChecks(actor, organization))
    return denied(
      `${actor.name} is no org-admin of ${organization} any more, so this token posts no checks there. ${wayOut}`,
    );
  return denied(`This token may post ${listWords(checkRight.names)} in ${organization}. ${wayOut}`);
}
