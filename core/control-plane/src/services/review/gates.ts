import { basePaths, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { codeownersPath } from '@catalyst/model/application-repository/write-files.ts';
import type { Pusher } from '@catalyst/model/events/cloud-event.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { countApprovals, eligible, listWords } from '@catalyst/model/policy/approvals.ts';
import type { PolicyFacts, ReviewFacts } from '@catalyst/model/policy/facts.ts';
import { evaluatePolicy, handlesOfPolicy, isProtected, type Policy } from '@catalyst/model/policy/policy.ts';
import type { RecordedVerdict } from '@catalyst/model/policy/verdict.ts';
import { ok, type Problem, refused } from '@catalyst/model/problem.ts';
import type { GateVerdict } from '@catalyst/model/views/plan.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import type { PullRequestGate } from '../receiving/check-under.ts';
import { heldProblem, readHolds } from '../receiving/holds.ts';
import { type Ownership, orgAdmins, presentOwners, readOwnership } from '../receiving/owners.ts';
import { contentOf, type MergeContent } from './content.ts';
import { decisionGate, reviewedRevision } from './decisions.ts';
import { readOtherBase } from './merged-base.ts';
import { nameOf, noPullRequest, type ReviewDeps } from './review-context.ts';

/** What asking every gate needs. */
export type GateDeps = Pick<
  ReviewDeps,
  'reviews' | 'repositories' | 'teams' | 'policies' | 'soaks' | 'scores' | 'breakGlass' | 'clock'
>;

/** What stands between a pull request and its merge into one head of its destination. */
export interface Assessment {
  readonly gates: readonly GateVerdict[];
  /** The closed ones that hold: none of the policy's where the one who asks has broken the glass. */
  readonly blocked: readonly GateVerdict[];
  /** What is recorded of it, and can be evaluated again. */
  readonly recorded: RecordedVerdict;
  /** Gates beside the policy. */
  readonly further: readonly GateVerdict[];
  readonly configRevision?: string;
  /** Whose files it changes. */
  readonly owners: readonly string[];
  readonly facts: ReviewFacts;
  readonly isProtected: boolean;
}

/** Everybody who made a part of it. */
export function authorsOf({ openedBy, pushers }: PullRequest): string[] {
  return [...new Set([openedBy.id, ...pushers])];
}

function groupByOwners(ownership: Ownership, paths: readonly string[]) {
  const groups = new Map<string, { owners: readonly string[]; paths: string[] }>();
  for (const path of paths) {
    const owners = ownership.of(path);
    const key = owners.join(' ');
    const group = groups.get(key) ?? { owners, paths: [] };
    group.paths.push(path);
    groups.set(key, group);
  }
  return [...groups.values()].filter(({ owners }) => owners.length > 0);
}

/**
 * Whether `base/` becomes something else that could have run first elsewhere. An uninstallation takes it away, and brings nothing as long
 * as all that it does to `base/` is to take away: what it wrote there beside would wait for the next installation.
 */
function bringsBase(changes: MergeContent['changes'], paths: readonly string[]): boolean {
  const base = paths.filter((path) => path.startsWith('base/'));
  const uninstalls = changes[basePaths.application] === null && base.every((path) => changes[path] === null);
  return base.length > 0 && !uninstalls;
}

/** Reads the facts and asks every gate. `actor`: the person who would merge it; the glass that they broke counts. */
export async function assess(
  deps: GateDeps,
  pullRequest: PullRequest,
  destinationHead: string,
  outcome: Pick<MergeContent, 'changes' | 'conflicts' | 'undecided'>,
  /** Who would merge it. */
  actor?: { readonly id: string; readonly name: string },
): Promise<Assessment> {
  const { repository, environment } = pullRequest;
  const { organization } = repository;
  const paths = [...Object.keys(outcome.changes), ...outcome.conflicts].sort();
  const { policy, configRevision } = await deps.policies.read(environment);
  const ownership = await readOwnership(deps.repositories, repository, destinationHead);
  const groups = groupByOwners(ownership, paths);
  const handles = [
    ...(policy ? handlesOfPolicy(policy) : []),
    ...groups.flatMap(({ owners }) => [...owners]),
    ...ownership.of(codeownersPath),
    orgAdmins(organization),
  ];
  const people = await deps.teams.people(organization, handles);
  const facts: ReviewFacts = {
    head: pullRequest.head,
    authors: authorsOf(pullRequest),
    reviews: pullRequest.reviews.map((review) => ({
      by: { id: review.by.id, name: review.by.name },
      verdict: review.verdict,
      revision: reviewedRevision(pullRequest, review),
    })),
    people,
    ownership: groups.map(({ owners, paths: of }) => ({
      owners: presentOwners(people, owners, organization),
      paths: of,
    })),
  };
  const brings = bringsBase(outcome.changes, paths);
  const soaks = await deps.soaks(policy, repository, pullRequest.head);
  const otherBase =
    brings && soaks.length > 0
      ? await readOtherBase(deps.repositories, pullRequest, destinationHead, outcome)
      : undefined;
  const score = await deps.scores(policy, pullRequest, destinationHead, outcome);
  const breakGlass = actor && (await deps.breakGlass.factOf(environment, actor.id));
  const known: PolicyFacts = {
    now: deps.clock.now(),
    review: facts,
    ...(actor ? { actor: { id: actor.id, name: actor.name } } : {}),
    checks: pullRequest.checks.flatMap(({ name, revision, status, token, by }) =>
      token ? [{ name, revision, status, by: { token: token.name, owner: by } }] : [],
    ),
    soaks,
    ...(brings ? {} : { bringsNothing: true }),
    ...(otherBase ? { otherBase } : {}),
    ...(score ? { score } : {}),
    ...(breakGlass ? { breakGlass } : {}),
  };
  const change = { environment, way: 'pull-request' } as const;
  const decided = evaluatePolicy(policy, change, known);
  const further = [
    ...ownersGate(facts, policy, ownership, paths, organization),
    ...decisionGate(pullRequest, outcome),
    ...(await holdGate(deps, pullRequest, destinationHead, paths)),
    ...(await orderGate(deps, pullRequest)),
  ];
  return {
    gates: [...decided.gates, ...further],
    blocked: [...(decided.allowed ? [] : decided.blocked), ...further.filter(({ allowed }) => !allowed)],
    recorded: { ...(policy ? { policy } : {}), change, facts: known, outcome: decided },
    further,
    ...(configRevision === undefined ? {} : { configRevision }),
    owners: [...new Set(groups.flatMap((group) => [...group.owners]))],
    facts,
    isProtected: isProtected(policy),
  };
}

/** Who answers for what is decided by those who answer now. */
function ownersGate(
  facts: ReviewFacts,
  policy: Policy | undefined,
  ownership: Ownership,
  paths: readonly string[],
  organization: string,
): GateVerdict[] {
  if (!paths.includes(codeownersPath)) return [];
  const rule = 'codeowners';
  const owners = presentOwners(facts.people, ownership.of(codeownersPath), organization);
  const ids = owners.flatMap((owner) => [...(facts.people[owner] ?? [])]);
  // Where nothing protects the branch, owners could push it themselves.
  if (!isProtected(policy) && facts.authors.every((author) => ids.includes(author)))
    return [{ rule, allowed: true, reason: 'It changes CODEOWNERS and is by its owners.' }];
  const { approved } = countApprovals(facts, eligible(facts, owners));
  return approved.length > 0
    ? [
        {
          rule,
          allowed: true,
          reason: `The change of CODEOWNERS is approved by ${listWords(approved.map(({ name }) => name))}.`,
        },
      ]
    : [
        {
          rule,
          allowed: false,
          reason: `It changes CODEOWNERS, so one of its present owners (${listWords(owners, 'or')}) must approve it.`,
          needs: [...owners],
        },
      ];
}

async function holdGate(
  deps: GateDeps,
  { repository, environment }: PullRequest,
  head: string,
  paths: readonly string[],
): Promise<GateVerdict[]> {
  const envType = parseEnvironmentName(environment)?.envType;
  if (!envType || !paths.some((path) => path.startsWith('base/'))) return [];
  const overlay = overlayPaths(envType).application;
  const [hold] = readHolds(await deps.repositories.read(repository, head, overlay), overlay);
  return hold
    ? [{ rule: 'hold', allowed: false, reason: heldProblem(hold, repository.name, environment).message }]
    : [];
}

/** In a set each waits for those before it. */
async function orderGate(deps: GateDeps, pullRequest: PullRequest): Promise<GateVerdict[]> {
  const { set } = pullRequest;
  if (!set) return [];
  const members = await deps.reviews.list({ set: set.id, limit: 200 });
  const before = members
    .filter((member) => (member.set?.order ?? 0) < set.order && member.state !== 'merged')
    .sort((a, b) => (a.set?.order ?? 0) - (b.set?.order ?? 0));
  const [first] = before;
  if (!first) return [];
  const gone = before.find(({ state }) => state === 'closed');
  return [
    {
      rule: 'order',
      allowed: false,
      reason: gone
        ? `It depends on ${nameOf(gone)}, which was closed. Close this one too and propose the change again.`
        : `Waits for ${nameOf(first)} ("${first.title}"), which is merged first.`,
    },
  ];
}

/** What closed gates read as when something is refused for them. */
export function toProblems(gates: readonly GateVerdict[]): Problem[] {
  return gates
    .filter(({ allowed }) => !allowed)
    .map(({ rule, reason }) => ({
      code: rule === 'hold' ? 'Held' : 'GateClosed',
      field: rule,
      message: reason,
    }));
}

/** Records what was decided of a pull request, before anything comes of it. */
export async function recordAssessment(
  deps: Pick<ReviewDeps, 'verdicts'>,
  { repository, environment, destination, number, head }: PullRequest,
  { base, by }: { readonly base: string; readonly by: Pusher },
  { recorded, further, configRevision, blocked }: Assessment,
): Promise<void> {
  await deps.verdicts.record({
    ...recorded,
    organization: repository.organization,
    environment,
    application: repository.name,
    branch: destination,
    number,
    head,
    base,
    by: { id: by.id, name: by.name, surface: by.surface },
    ...(configRevision === undefined ? {} : { configRevision }),
    further,
    problems: [],
    allowed: blocked.length === 0,
  });
}

/** The judge's question: whether a pull request may be merged into this very head of its destination now. */
export function createPullRequestGate(deps: GateDeps & Pick<ReviewDeps, 'verdicts'>): PullRequestGate {
  return async (repository, number, into) => {
    const pullRequest = await deps.reviews.get(repository, number);
    if (!pullRequest || pullRequest.destination !== into.branch) return refused(noPullRequest);
    if (pullRequest.state !== 'open')
      return refused({
        code: 'Conflict',
        message: `Pull request ${number} is ${pullRequest.state} already.`,
      });
    const outcome = await contentOf(deps.repositories, pullRequest, into.head);
    const assessment = await assess(deps, pullRequest, into.head, outcome, into.by);
    await recordAssessment(deps, pullRequest, { base: into.head, by: into.by }, assessment);
    const closed = toProblems(assessment.blocked);
    return closed.length > 0 ? refused(...closed) : ok({ head: pullRequest.head, outcome });
  };
}
