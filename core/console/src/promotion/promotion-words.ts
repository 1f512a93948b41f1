import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Plan } from '@catalyst/model/views/plan.ts';

type Problem = Plan['problems'][number];

/** What a promotion is called unless somebody says otherwise. */
export function titleOfPromotion(applications: readonly string[], from: string, to: string): string {
  const [first = ''] = applications;
  const more = applications.length > 1 ? ` and ${applications.length - 1} more` : '';
  return `Promote ${first}${more} from ${from} to ${to}`.slice(0, 200);
}

/** Why a promotion cannot be merged at once by who opens it; undefined where it can. */
export function whyNotNow(plan: Pick<Plan, 'policy' | 'applications' | 'environment'>): string | undefined {
  const { policy, environment } = plan;
  const undecided = plan.applications.flatMap((part) => part.undecided ?? []);
  if (undecided.length > 0)
    return 'Somebody must decide first what becomes of changes that the destination made for itself. The pull request asks.';
  if (!policy) return 'Nothing is known of its policy.';
  const closed = policy.gates.filter((gate) => !gate.allowed);
  if (policy.protected) return `${environment} is protected: its changes are reviewed before they happen.`;
  return policy.allowed && closed.length === 0
    ? undefined
    : (closed[0]?.reason ?? `The policy of ${environment} does not let it happen now.`);
}

/** Problems by the place where they are shown. */
export interface PlacedProblems {
  /** At fields of what differs in the destination. */
  readonly atValues: readonly Problem[];
  /** By Application, of those that were asked for. */
  readonly atApplications: ReadonlyMap<string, readonly Problem[]>;
  readonly elsewhere: readonly Problem[];
}

/** Sorts the problems of a promotion; those of a dependency stand at its choice and are left out, where there is one. */
export function placeProblems(
  problems: readonly Problem[],
  {
    applications,
    choices,
    form,
  }: {
    readonly applications: readonly string[];
    readonly choices: readonly { readonly alias: string }[];
    /** Whether there is a form of what differs. */
    readonly form: boolean;
  },
): PlacedProblems {
  const offered = new Set(choices.map(({ alias }) => `dependencies.${alias}`));
  const atValues: Problem[] = [];
  const atApplications = new Map<string, Problem[]>();
  const elsewhere: Problem[] = [];
  for (const problem of problems) {
    const { field = '' } = problem;
    if (offered.has(field)) continue;
    if (form && field.startsWith('values.')) atValues.push(problem);
    else if (applications.length > 1 && applications.includes(field))
      atApplications.set(field, [...(atApplications.get(field) ?? []), problem]);
    else elsewhere.push(/^(?:values|dependencies)\./.test(field) ? problem : withoutField(problem));
  }
  return { atValues, atApplications, elsewhere };
}

/** What was observed of an Application after its pull request: `state` only where it is that of what was merged or of later. */
export function observedSince(
  pullRequest: Pick<PullRequestDetail, 'state' | 'mergeRevision' | 'mergedAt'>,
  view: Pick<ApplicationView, 'revision' | 'state' | 'lastChange'> | undefined,
): { readonly state?: ApplicationView['state']; readonly words: string } {
  if (pullRequest.state !== 'merged')
    return view ? { state: view.state, words: 'as it was before' } : { words: 'It is not there yet.' };
  const arrived =
    view !== undefined &&
    (view.revision === pullRequest.mergeRevision ||
      (view.lastChange?.at ?? '') > (pullRequest.mergedAt ?? '~'));
  return view && arrived
    ? { state: view.state, words: '' }
    : { words: 'Merged. Nothing was observed of it yet.' };
}

/** Names of parts of the request say nothing to people. */
function withoutField({ field: _, ...problem }: Problem): Problem {
  return problem;
}
