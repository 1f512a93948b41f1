import ignore from 'ignore';
import { applicationNamePattern, organizationSlugPattern } from '../names.ts';
import type { Problem } from '../problem.ts';

/** `@<organization>/<team>` or an e-mail address, as a CODEOWNERS file and a policy name people. */
export type OwnerHandle = string;

/** One line of a CODEOWNERS file. A pattern without owners takes what it matches away from everybody. */
export interface OwnerRule {
  readonly line: number;
  readonly pattern: string;
  readonly owners: readonly OwnerHandle[];
}

/** What a CODEOWNERS file says, and what of it makes no sense. Rules with a problem are left out. */
export interface Codeowners {
  readonly rules: readonly OwnerRule[];
  readonly problems: readonly Problem[];
}

const maxLength = 64 * 1024;
const maxRules = 500;
const maxOwners = 50;
const maxPattern = 200;
const team = new RegExp(
  `^@(${organizationSlugPattern.slice(1, -1)})/(${applicationNamePattern.slice(1, -1)})$`,
);
const email = /^[^\s@/]{1,64}@[^\s@/]{1,190}$/;

/** The parts of `@<organization>/<team>`; undefined for anything else. */
export function parseTeamHandle(
  handle: OwnerHandle,
): { readonly organization: string; readonly team: string } | undefined {
  const [, organization, name] = team.exec(handle) ?? [];
  return organization === undefined || name === undefined ? undefined : { organization, team: name };
}

/** Whether a text has the form of an owner; whether there is such an owner is another question. */
export function isOwnerHandle(text: string): boolean {
  return team.test(text) || email.test(text);
}

/**
 * Parses a CODEOWNERS file that a stranger wrote: `<pattern> <owner>…`, `#` begins a comment, `\ ` is a space of a path. Patterns
 * are those of `.gitignore` without negation and ranges; the last one that matches a path decides. Bounded in length, rules and
 * wildcards.
 */
export function parseCodeowners(text: string, file = 'CODEOWNERS'): Codeowners {
  if (text.length > maxLength)
    return {
      rules: [],
      problems: [{ code: 'TooLarge', file, message: 'A CODEOWNERS file has at most 64 kB.' }],
    };
  const rules: OwnerRule[] = [];
  const problems: Problem[] = [];
  for (const [at, raw] of text.split('\n').entries()) {
    const line = at + 1;
    const words = wordsOf(raw);
    const [pattern, ...owners] = words;
    if (pattern === undefined) continue;
    const wrong = patternProblem(pattern) ?? ownersProblem(owners);
    if (wrong) problems.push({ code: 'InvalidCodeowners', file, field: `line ${line}`, message: wrong });
    else rules.push({ line, pattern, owners });
    if (problems.length >= 20) break;
  }
  if (rules.length > maxRules)
    problems.push({ code: 'TooLarge', file, message: `A CODEOWNERS file has at most ${maxRules} rules.` });
  return { rules: rules.slice(0, maxRules), problems };
}

function wordsOf(raw: string): string[] {
  const words: string[] = [];
  for (const word of raw.trim().match(/(?:\\.|\S)+/g) ?? []) {
    if (word.startsWith('#')) break;
    words.push(word);
  }
  return words;
}

/** Wildcards are bounded because a pattern becomes a regular expression. */
function patternProblem(pattern: string): string | undefined {
  const shown = pattern.slice(0, 60);
  if (pattern.length > maxPattern) return `The pattern "${shown}…" is longer than ${maxPattern} characters.`;
  if (pattern.startsWith('!')) return `The pattern "${shown}" negates, which has no meaning here.`;
  if (/[[\]]/.test(pattern))
    return `The pattern "${shown}" has a range of characters, which is not read here.`;
  if (pattern.includes('***') || (pattern.match(/\*\*/g)?.length ?? 0) > 2)
    return `The pattern "${shown}" has more than two "**".`;
  if (pattern.split('/').some((part) => (part.match(/[*?]/g)?.length ?? 0) > 2))
    return `The pattern "${shown}" has more than two wildcards in one part of the path.`;
  if (isOwnerHandle(pattern)) return `"${shown}" is an owner; the line begins with a pattern, as "*".`;
  return undefined;
}

function ownersProblem(owners: readonly string[]): string | undefined {
  if (owners.length > maxOwners) return `A pattern has at most ${maxOwners} owners.`;
  const wrong = owners.find((owner) => !isOwnerHandle(owner));
  return wrong === undefined
    ? undefined
    : `"${wrong.slice(0, 60)}" is no owner. Write @<organization>/<team> or an e-mail address.`;
}

/** Answers who owns a path; undefined where no rule speaks of it, empty where one takes it away from everybody. */
export type OwnersOf = (path: string) => readonly OwnerHandle[] | undefined;

/** Compiles the rules once, for many paths. */
export function compileOwners(rules: readonly OwnerRule[]): OwnersOf {
  const matchers = rules.map(({ pattern, owners }) => ({ owners, matches: toMatcher(pattern) }));
  return (path) => matchers.findLast(({ matches }) => matches(path))?.owners;
}

function toMatcher(pattern: string): (path: string) => boolean {
  const rule = ignore({ ignorecase: false }).add(pattern);
  const matches = (path: string) => ignore.isPathValid(path) && rule.ignores(path);
  if (!pattern.endsWith('/*')) return matches;
  // `docs/*` owns the files in docs, not those in its folders; for .gitignore it would mean both.
  return (path) => {
    const at = path.lastIndexOf('/');
    return matches(path) && (at < 0 || !matches(path.slice(0, at + 1)));
  };
}
