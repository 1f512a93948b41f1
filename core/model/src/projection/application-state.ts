import type { ReleaseStatus } from '../events/cloud-event.ts';
import type { ApplicationState, Why } from '../views/application-view.ts';
import { type Reason, reasons } from '../workload/reasons.ts';

/** What the state of a card is decided from; each fact was observed or committed, none is assumed. */
export interface StateFacts {
  /** Commit that the branch is at. */
  readonly revision: string;
  readonly paused: boolean;
  /** The branch no longer holds the Application, and the runtime still has it. */
  readonly removing: boolean;
  readonly release?: ReleaseStatus;
  /** The release is what was said before the last start; nobody has looked since. */
  readonly unobserved?: boolean;
  /** Last revision at which it was observed Running. */
  readonly readyRevision?: string;
  readonly engine: { readonly available: boolean; readonly message: string };
}

/** A state of the card; `why` is always there unless the Application is Running. */
export interface DecidedState {
  readonly state: ApplicationState;
  readonly why?: Why;
}

const waits: ReadonlySet<string> = new Set<Reason>([
  reasons.DependencyNotReady,
  reasons.WaitingForBinding,
  reasons.SecretMissing,
]);
const longestMessage = 500;

/** Who can act on a reason. What goes on by itself needs nobody. */
const actors: Partial<Record<string, string>> = {
  [reasons.EngineUnavailable]: 'sovereign-admin',
  [reasons.Internal]: 'sovereign-admin',
  [reasons.NotObserved]: 'nobody; it goes on by itself',
  [reasons.SecretMissing]: 'sovereign-admin',
  [reasons.Progressing]: 'nobody; it goes on by itself',
  [reasons.Removing]: 'nobody; it goes on by itself',
  [reasons.DependencyNotReady]: 'nobody, unless what it waits for has failed or is paused',
  [reasons.WaitingForBinding]: 'nobody, unless what it waits for has failed',
};

function because(
  state: ApplicationState,
  reason: string,
  message: string,
  waitingFor?: readonly string[],
): DecidedState {
  const line = message.replaceAll(/\s+/g, ' ').trim();
  return {
    state,
    why: {
      reason,
      message: line.length > longestMessage ? `${line.slice(0, longestMessage - 1)}…` : line || reason,
      ...(waitingFor?.length ? { waitingFor: waitingFor.slice(0, 20) } : {}),
      actor: actors[reason] ?? 'org-developer',
    },
  };
}

/**
 * The state of an Application in one Environment (spec/surfaces-and-personas.md section 6). Running only where it was observed
 * ready since the last start, at the very commit that the branch is at, and never where it is scaled to zero; Installing until it ran for
 * the first time, Updating afterwards.
 */
export function decideState(facts: StateFacts): DecidedState {
  const { release, revision, engine } = facts;
  const underWay: ApplicationState = facts.readyRevision === undefined ? 'Installing' : 'Updating';
  if (facts.removing)
    return because(
      'Updating',
      reasons.Removing,
      release?.ready.reason === reasons.Removing
        ? release.ready.message
        : 'It was uninstalled and is being taken away; kept data volumes stay.',
    );
  if (!engine.available || release?.ready.reason === reasons.EngineUnavailable)
    return because(
      facts.readyRevision === undefined ? 'Waiting' : 'Unknown',
      reasons.EngineUnavailable,
      engine.available ? (release?.ready.message ?? '') : engine.message,
      ['container engine'],
    );
  if (!release || release.revision !== revision)
    return because(
      underWay,
      'Reconciling',
      `Commit ${revision.slice(0, 7)} is accepted and waits to be rendered and applied.`,
    );
  if (facts.unobserved)
    return because(
      'Unknown',
      reasons.NotObserved,
      'Catalyst has just started and has not looked at it yet; its turn comes by itself.',
    );
  if (release.ready.status === 'True') return decideReady(facts, release, underWay);
  if (release.ready.status === 'False') return decideFailed(facts, release);
  return decideUnderWay(facts, release, underWay);
}

function decideReady(facts: StateFacts, release: ReleaseStatus, underWay: ApplicationState): DecidedState {
  const { ready, desired } = release.replicas;
  if (release.appliedRevision !== facts.revision)
    return because(underWay, reasons.Progressing, `Commit ${facts.revision.slice(0, 7)} is being applied.`);
  if (facts.paused)
    return ready === 0
      ? because(
          'Paused',
          reasons.Paused,
          'It is paused: nothing runs, its data is kept. Resume it to start it again.',
        )
      : because(underWay, reasons.Progressing, `It is being paused; ${ready} of its Pods still run.`);
  if (release.ready.reason === reasons.Paused)
    return because(underWay, reasons.Progressing, 'It is being resumed; its Pods start.');
  // Nothing has started, so nothing has shown that it runs: neither a soak nor a watch may count it.
  if (release.ready.reason === reasons.ScaledToZero)
    return because('Paused', reasons.ScaledToZero, release.ready.message);
  if (ready >= desired) return { state: 'Running' };
  return because('Degraded', reasons.NotEnoughReplicas, `${ready}/${desired} pods ready.`);
}

function decideFailed(facts: StateFacts, release: ReleaseStatus): DecidedState {
  const { ready, desired } = release.replicas;
  const { reason, message } = release.ready;
  if (release.waitingFor?.length || waits.has(reason))
    return because('Waiting', reason, message, release.waitingFor);
  const lost = facts.readyRevision === facts.revision && release.appliedRevision === facts.revision;
  if (lost && ready > 0 && reason !== reasons.JobFailed)
    return because('Degraded', reason, `${ready}/${desired} pods ready: ${message}`);
  return because('Failed', reason, message);
}

function decideUnderWay(facts: StateFacts, release: ReleaseStatus, underWay: ApplicationState): DecidedState {
  const { ready, desired } = release.replicas;
  const { reason, message } = release.ready;
  if (release.waitingFor?.length || waits.has(reason))
    return because('Waiting', reason, message, release.waitingFor);
  if (reason === reasons.Internal) return because('Unknown', reason, message);
  const settled = facts.readyRevision === facts.revision && release.appliedRevision === facts.revision;
  if (settled && !facts.paused && ready > 0 && ready < desired)
    return because('Degraded', reason, `${ready}/${desired} pods ready: ${message}`);
  return because(underWay, reason, message);
}
