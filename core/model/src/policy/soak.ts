import { type Static, Type } from 'typebox';
import { durationPattern, durationWords, parseDuration } from '../change-window/duration.ts';
import { parseEnvironmentName } from '../names.ts';
import type { GateVerdict } from '../views/plan.ts';
import { listWords } from './approvals.ts';
import type { Directory, OtherBaseFact, PolicyFacts, PolicySurroundings, RuleProblem } from './facts.ts';

const Soak = Type.Object(
  {
    kind: Type.Literal('soak'),
    sourceEnvironment: Type.String({ pattern: '^[a-z][a-z0-9-]{2,31}-(?:prod|stg|uat|dev|poc)$' }),
    duration: Type.String({ pattern: durationPattern, description: 'As `72h`.' }),
  },
  { additionalProperties: false },
);
/** What is let in has run healthy elsewhere for a while: the same `base/`, by its tree, as the merge would write it. */
export type SoakRule = Static<typeof Soak>;

const minuteMs = 60_000;

function closed(reason: string): GateVerdict {
  return { rule: 'soak', allowed: false, reason };
}

/** What is not over yet is not said to be: whole minutes that have passed. */
function wordsOf(healthyMs: number): string {
  if (healthyMs <= 0) return 'no time';
  return healthyMs < minuteMs
    ? 'less than a minute'
    : durationWords(Math.floor(healthyMs / minuteMs) * minuteMs);
}

/** As `base/a.yaml, base/b.yaml and 3 more`. */
export function otherBaseWords({ paths, count }: OtherBaseFact): string {
  const more = count - paths.length;
  return listWords(more > 0 ? [...paths, `${more} more`] : paths);
}

function evaluate(rule: SoakRule, { soaks, now, bringsNothing, otherBase }: PolicyFacts): GateVerdict {
  if (bringsNothing)
    return {
      rule: rule.kind,
      allowed: true,
      reason:
        'It leaves base/ as it is, or only takes away of it: there is nothing that would have to run elsewhere first.',
    };
  const soak = soaks?.find((entry) => entry.environment === rule.sourceEnvironment);
  if (!soak)
    return closed(
      `What is changed must have been Running in ${rule.sourceEnvironment} for ${rule.duration}.`,
    );
  if (!soak.exists)
    return closed(
      `There is no Environment ${rule.sourceEnvironment} any more, in which this was to run first. Change the policy.`,
    );
  // First of what people can do: time that the head runs elsewhere would be lost.
  if (otherBase)
    return closed(
      `Merging it makes another base/ than the one of its head, which is what runs elsewhere: ${otherBaseWords(otherBase)} would differ. Bring the branch up to date with its destination, or propose the plan anew, and let that run in ${rule.sourceEnvironment} for ${rule.duration}.`,
    );
  if (!soak.arrived)
    return closed(`This has not run in ${rule.sourceEnvironment} yet. Bring it there first.`);
  const left = parseDuration(rule.duration) - soak.healthyMs;
  const ran = wordsOf(soak.healthyMs);
  if (left <= 0)
    return {
      rule: rule.kind,
      allowed: true,
      reason: `It has been Running in ${rule.sourceEnvironment} for ${ran}.`,
    };
  const told = `It has been Running in ${rule.sourceEnvironment} for ${ran} of ${rule.duration}`;
  return soak.running
    ? { ...closed(`${told}.`), until: new Date(now + left).toISOString() }
    : closed(`${told}, and is not Running there now: the clock stands still.`);
}

function check(
  { sourceEnvironment }: SoakRule,
  _directory: Directory,
  { environment, environments }: PolicySurroundings,
): RuleProblem[] {
  const wrong = (message: string) => [{ field: 'sourceEnvironment', message }];
  const organization = parseEnvironmentName(environment)?.organization;
  if (sourceEnvironment === environment)
    return wrong(
      `Nothing can have run in ${environment} before it is let into ${environment}. Name an Environment that comes before it.`,
    );
  // Of another Organization's Environments nothing is told, not even whether they exist.
  if (parseEnvironmentName(sourceEnvironment)?.organization !== organization)
    return wrong(
      `"${sourceEnvironment}" is no Environment of ${organization}. Name one of its own: its Applications run nowhere else.`,
    );
  return environments && !environments.has(sourceEnvironment)
    ? wrong(`There is no Environment "${sourceEnvironment}". Create it first, or name another.`)
    : [];
}

/** The kind `soak`. */
export const soak = {
  schema: Soak,
  normalise: (rule: SoakRule): SoakRule => rule,
  check,
  identity: ({ sourceEnvironment }: SoakRule) => ({ of: sourceEnvironment, field: 'sourceEnvironment' }),
  evaluate,
  describe: ({ sourceEnvironment, duration }: SoakRule): string =>
    `What is let in has been Running in ${sourceEnvironment} for ${duration}.`,
};
