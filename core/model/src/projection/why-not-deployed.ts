import { listWords } from '../policy/approvals.ts';
import type { ApplicationState, ApplicationView } from '../views/application-view.ts';
import type { GateVerdict } from '../views/plan.ts';
import { reasons } from '../workload/reasons.ts';

/** Where on its way a change is held up, from first to last. */
export const deploymentStages = ['git', 'gates', 'hold', 'event', 'dependency', 'render', 'runtime'] as const;
/** One of `deploymentStages`. */
export type DeploymentStage = (typeof deploymentStages)[number];

/** Something that keeps a change from running. */
export interface Blocker {
  readonly stage: DeploymentStage;
  /** PascalCase constant, or the kind of the closed gate. */
  readonly reason: string;
  /** One sentence. */
  readonly message: string;
  /** Who can act. */
  readonly actor: string;
  /** RFC 3339: when it goes on by itself. */
  readonly until?: string;
  /** The pull request that waits. */
  readonly pullRequest?: { readonly number: number; readonly title: string; readonly path: string };
}

/** An open pull request into the branch of the Environment. */
export interface OpenPullRequest {
  readonly number: number;
  readonly title: string;
  /** Path of its page. */
  readonly path: string;
  readonly openedBy: string;
  readonly environment: string;
  readonly destination: string;
  readonly gates: readonly GateVerdict[];
  readonly conflicts: readonly string[];
  /** False while nobody has looked at it yet. */
  readonly known: boolean;
}

/** Everything that the answer is made of; each was observed or committed. */
export interface DeploymentFacts {
  /** Head of the branch in Git; absent where there is no such branch. */
  readonly head?: string;
  /** The card; absent where the Application is not in the read model. */
  readonly view?: Pick<ApplicationView, 'state' | 'why' | 'holds' | 'revision'>;
  /** Whether the branch's head holds the Application. */
  readonly installed: boolean;
  readonly pullRequests: readonly OpenPullRequest[];
}

/** The answer to "why is this not deployed yet?". */
export interface DeploymentAnswer {
  readonly state: ApplicationState | 'Not installed';
  /** The newest of everything that was asked for runs, and nothing waits. */
  readonly deployed: boolean;
  /** One sentence. */
  readonly message: string;
  /** In the order of the stages; the first is what `message` says. */
  readonly blockers: readonly Blocker[];
}

const dependency: ReadonlySet<string> = new Set([
  reasons.DependencyNotReady,
  reasons.WaitingForBinding,
  reasons.SecretMissing,
]);
const render: ReadonlySet<string> = new Set([
  reasons.RenderFailed,
  reasons.Refused,
  reasons.BlueprintMissing,
]);
/** What a change waits for longest comes first among several closed gates: nothing else helps before these. */
const first = ['order', 'hold'];
const byItself = 'nobody; it goes on by itself';

/** Finds everything that keeps the newest change from running; of the stages that block, the earliest is the answer. */
export function whyNotDeployed(facts: DeploymentFacts): DeploymentAnswer {
  const { view, head, installed } = facts;
  const delivered = view !== undefined && (head === undefined || view.revision === head);
  const blockers = [
    ...facts.pullRequests.map(toBlocker),
    ...(view?.holds ?? []).map(
      (hold): Blocker => ({
        stage: 'hold',
        reason: 'Held',
        message: `${hold.message} Nothing new reaches it until that is released.`,
        actor: 'org-developer',
      }),
    ),
    ...(!delivered && (installed || view) ? [undelivered(head)] : []),
    ...(delivered ? runtimeBlockers(view) : []),
  ].sort((left, right) => order(left.stage) - order(right.stage));
  const [earliest] = blockers;
  const running = delivered && view.state === 'Running';
  return {
    state: stateOf(facts, running),
    deployed: running && blockers.every(({ stage }) => stage === 'hold'),
    message: earliest?.message ?? (running ? 'It runs what was asked for.' : nowhere),
    blockers,
  };
}

const nowhere = 'It is not installed here, and no pull request would bring it.';
const order = (stage: DeploymentStage) => deploymentStages.indexOf(stage);

/** A card waits for approval where a pull request is open and nothing else is wrong. */
function stateOf(
  { view, pullRequests, installed }: DeploymentFacts,
  running: boolean,
): DeploymentAnswer['state'] {
  const waits = pullRequests.some(isWaiting);
  if (waits && (running || (!view && !installed))) return 'Pending approval';
  return view?.state ?? (installed ? 'Installing' : 'Not installed');
}

/** Whether a gate keeps it from being merged. */
function isWaiting({ gates, conflicts }: OpenPullRequest): boolean {
  return conflicts.length > 0 || gates.some(({ allowed }) => !allowed);
}

function undelivered(head: string | undefined): Blocker {
  const commit = head === undefined ? 'The last commit' : `Commit ${head.slice(0, 7)}`;
  return {
    stage: 'event',
    reason: 'Undelivered',
    message: `${commit} is accepted and has not arrived in the picture yet.`,
    actor: byItself,
  };
}

function runtimeBlockers({ state, why }: NonNullable<DeploymentFacts['view']>): Blocker[] {
  if (!why || state === 'Running') return [];
  const stage = dependency.has(why.reason) ? 'dependency' : render.has(why.reason) ? 'render' : 'runtime';
  return [{ stage, reason: why.reason, message: why.message, actor: why.actor ?? byItself }];
}

/** The first closed gate of a pull request, in one sentence. */
export function toBlocker(open: OpenPullRequest): Blocker {
  const { number, title, path, environment, destination, conflicts, openedBy } = open;
  const about = { pullRequest: { number, title, path } };
  if (!open.known)
    return {
      ...about,
      stage: 'gates',
      reason: 'NotLookedAt',
      message: `#${number} is open, and what it waits for is being looked at.`,
      actor: byItself,
    };
  if (conflicts.length > 0)
    return {
      ...about,
      stage: 'git',
      reason: 'MergeConflict',
      message: `#${number} conflicts with ${destination}: ${listWords(conflicts)} changed there too.`,
      actor: openedBy,
    };
  const closed = open.gates.filter(({ allowed }) => !allowed);
  const gate = closed.find(({ rule }) => first.includes(rule)) ?? closed[0];
  if (!gate)
    return {
      ...about,
      stage: 'gates',
      reason: 'NotMerged',
      message: `Every gate of #${number} is open: it waits to be merged.`,
      actor: `whoever may change ${environment}`,
    };
  return {
    ...about,
    stage: 'gates',
    reason: gate.rule,
    message: `#${number} waits: ${gate.reason}`,
    actor: gate.needs?.length
      ? listWords(gate.needs, 'or')
      : gate.until === undefined
        ? 'org-developer'
        : byItself,
    ...(gate.until === undefined ? {} : { until: gate.until }),
  };
}
