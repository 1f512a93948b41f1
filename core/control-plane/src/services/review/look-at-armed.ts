import type { Actor } from '@catalyst/model/authorization.ts';
import { codes, ok, type Problem } from '@catalyst/model/problem.ts';
import { describeConflicts } from '@catalyst/model/pull-request/hindrances.ts';
import type { GateVerdict } from '@catalyst/model/views/plan.ts';
import type { RepositoryName } from '../../ports/repositories.ts';
import type { AutoMerge, PullRequest } from '../../ports/reviews.ts';
import { createRebuildActor } from '../access/rebuild-actor.ts';
import { contentOf } from './content.ts';
import { contentKey } from './decisions.ts';
import { assess } from './gates.ts';
import { whyNotMerge } from './may-merge.ts';
import type { createMerging } from './merge.ts';
import { changeRow, type ReviewDeps } from './review-context.ts';
import { sayOnce } from './say-once.ts';
import { syncPullRequest } from './sync.ts';

const retryMs = 1_000;
/** What hinders it beside gates is looked at again after a while; whatever may have changed it wakes it sooner. */
const hinderedMs = 60_000;

/** What the merge of an armed pull request meets now. */
type Obstacle =
  | { readonly kind: 'gates'; readonly until: number | undefined }
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  | { readonly kind: 'none' };

/** When closed gates may let it through at the earliest; undefined: nobody knows. */
export function earliestOpening(gates: readonly GateVerdict[]): number | undefined {
  const times = gates.flatMap(({ allowed, until }) => (!allowed && until ? [Date.parse(until)] : []));
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** One look at an armed pull request: merges it, ends the wish with its reason, or says when to look again. Safe to repeat. */
export function createLookAtArmed(deps: ReviewDeps, merge: ReturnType<typeof createMerging>) {
  const { reviews, clock } = deps;
  const rebuild = createRebuildActor(deps);

  async function disarm({ repository, number }: PullRequest, wish: AutoMerge, why: string): Promise<void> {
    const text = `It is not merged by itself any more, as ${wish.by.name} had asked for: ${why}`;
    await sayOnce(reviews, { repository, number }, text, { since: wish.at, now: clock.now() });
    await changeRow(reviews, repository, number, (row) => {
      if (row.state !== 'open' || row.autoMerge?.at !== wish.at) return ok(row);
      const { autoMerge: _ended, ...rest } = row;
      return ok(rest);
    });
  }

  async function obstacleOf(pullRequest: PullRequest, actor: Actor): Promise<Obstacle> {
    const { repository, destination } = pullRequest;
    const ours = await deps.repositories.head(repository, destination);
    if (ours === undefined) return { kind: 'gates', until: undefined };
    const outcome = await contentOf(deps.repositories, pullRequest, ours);
    if (outcome.conflicts.length > 0) return { kind: 'conflict', files: outcome.conflicts };
    // Broken glass is for what somebody merges by hand: the gates themselves must be open.
    const { gates } = await assess(deps, pullRequest, ours, outcome, actor);
    return gates.some(({ allowed }) => !allowed)
      ? { kind: 'gates', until: earliestOpening(gates) }
      : { kind: 'none' };
  }

  /** Written only where it says something else, so that who follows the pull request is not told the same again. */
  async function sayHindrance(of: PullRequest, wish: AutoMerge, hindrance: string | undefined) {
    if (wish.hindrance === hindrance) return;
    await changeRow(reviews, of.repository, of.number, (row) => {
      if (row.state !== 'open' || row.autoMerge?.at !== wish.at) return ok(row);
      const { hindrance: _before, ...rest } = row.autoMerge;
      return ok({ ...row, autoMerge: { ...rest, ...(hindrance === undefined ? {} : { hindrance }) } });
    });
  }

  async function afterRefusal(
    pullRequest: PullRequest,
    wish: AutoMerge,
    problems: readonly Problem[],
  ): Promise<number | undefined> {
    const [first] = problems;
    const why = problems
      .slice(0, 3)
      .map(({ message }) => message)
      .join(' ')
      .slice(0, 1_000);
    switch (first?.code) {
      case 'GateClosed':
      case 'Held':
      case codes.Stale:
      case codes.Conflict:
      case codes.TooMany:
        return clock.now() + retryMs;
      case codes.NotFound:
        return undefined;
      case 'MergeConflict':
      case codes.Denied:
        await disarm(pullRequest, wish, why);
        return undefined;
      default:
        await sayHindrance(pullRequest, wish, `It could not be merged: ${why}`);
        return clock.now() + hinderedMs;
    }
  }

  return async (repository: RepositoryName, number: number): Promise<number | undefined> => {
    const present = await reviews.get(repository, number);
    if (!present?.autoMerge) return undefined;
    const pullRequest = await syncPullRequest(deps, present);
    const { autoMerge: wish } = pullRequest;
    if (pullRequest.state !== 'open' || !wish) return undefined;
    if (pullRequest.head !== wish.head) {
      const moved = `somebody pushed, and the head is ${pullRequest.head.slice(0, 10)} instead of ${wish.head.slice(0, 10)}. Look at what is new and ask again.`;
      await disarm(pullRequest, wish, moved);
      return undefined;
    }
    const actor = await rebuild(wish.by.id, repository.organization, wish.surface);
    const problem = actor && whyNotMerge(actor, pullRequest);
    if (!actor || problem) {
      const left = `${wish.by.name} may not change ${pullRequest.environment} any more. Somebody who may can ask again.`;
      await disarm(pullRequest, wish, left);
      return undefined;
    }
    const obstacle = await obstacleOf(pullRequest, actor);
    if (obstacle.kind === 'conflict') {
      const why = `${describeConflicts(pullRequest, obstacle.files.slice(0, 5))} Then ask again.`;
      await disarm(pullRequest, wish, why);
      return undefined;
    }
    if (obstacle.kind === 'gates') {
      await sayHindrance(pullRequest, wish, undefined);
      return obstacle.until ?? Number.POSITIVE_INFINITY;
    }
    const merged = await merge(actor, pullRequest, {
      expectedHead: wish.head,
      // Whoever else changes the content takes the wish away: this is what was asked for, and not what takes its place from here on.
      content: contentKey(pullRequest),
      message: messageOf(pullRequest, wish),
    });
    return merged.ok ? undefined : afterRefusal(pullRequest, wish, merged.problems);
  };
}

function messageOf({ description }: PullRequest, { by, at }: AutoMerge): string {
  const body = description.slice(0, 1_800);
  return `${body}${body === '' ? '' : '\n\n'}Merged by itself when its gates were open, as ${by.name} asked for at ${at}.`;
}
