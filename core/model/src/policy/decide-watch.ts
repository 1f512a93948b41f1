import type { ApplicationView } from '../views/application-view.ts';
import { reasons } from '../workload/reasons.ts';

/** A merge whose health is waited for. Times are milliseconds since 1970. */
export interface WatchedMerge {
  readonly revision: string;
  readonly deadline: number;
  readonly afterMs: number;
  /** Whether nobody could say how it is when it was looked at last. */
  readonly unknown: boolean;
}

/** What was observed of what was merged; nothing in it is assumed. */
export interface WatchFacts {
  readonly now: number;
  /** Head of the branch; absent where there is none any more. */
  readonly head?: string;
  /** Whether the branch holds the Application. */
  readonly installed: boolean;
  /** Whether it was observed Running at the watched revision at some time. */
  readonly ran: boolean;
  readonly view?: Pick<ApplicationView, 'state' | 'revision' | 'why'>;
  /** Whether the policy still asks for it. */
  readonly wanted: boolean;
}

/** What follows for a watched merge. A `wait` says what to keep of it. */
export type WatchDecision =
  | {
      readonly kind:
        | 'healthy'
        | 'paused'
        | 'scaled-to-zero'
        | 'superseded'
        | 'uninstalled'
        | 'unwanted'
        | 'roll-back';
    }
  | { readonly kind: 'wait'; readonly deadline: number; readonly unknown: boolean };

/** Nothing was observed of the revision: the engine is away, says nothing yet, or speaks of another commit. */
function isUnknown(revision: string, view: WatchFacts['view']): boolean {
  return (
    view?.revision !== revision ||
    view.state === 'Unknown' ||
    view.why?.reason === 'EngineUnavailable' ||
    view.why?.reason === 'Reconciling'
  );
}

/**
 * Decides about a merge that is to come to run by a deadline. Unknown is not unhealthy: while nobody can say how it is, its clock
 * stands still, and it has its whole time again once somebody can. A moved head belongs to whoever moved it.
 */
export function decideWatch(watch: WatchedMerge, facts: WatchFacts): WatchDecision {
  const { now, view } = facts;
  // First of all: what ran is healthy even where somebody has gone on from it since.
  if (facts.ran) return { kind: 'healthy' };
  if (facts.head !== watch.revision) return { kind: 'superseded' };
  if (!facts.installed) return { kind: 'uninstalled' };
  if (!facts.wanted) return { kind: 'unwanted' };
  if (isUnknown(watch.revision, view)) return { kind: 'wait', deadline: watch.deadline, unknown: true };
  if (view?.state === 'Running') return { kind: 'healthy' };
  if (view?.state === 'Paused')
    return { kind: view.why?.reason === reasons.ScaledToZero ? 'scaled-to-zero' : 'paused' };
  const deadline = watch.unknown ? Math.max(watch.deadline, now + watch.afterMs) : watch.deadline;
  return now < deadline ? { kind: 'wait', deadline, unknown: false } : { kind: 'roll-back' };
}
