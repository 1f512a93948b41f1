import type { InboxEntry } from '@catalyst/model/api/people.ts';
import { type Actor, authorize } from '@catalyst/model/authorization.ts';
import { type Wait, waitForAuthor, waitForReview } from '@catalyst/model/inbox/waits-for.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import { contentKey, reviewedRevision } from '../review/decisions.ts';
import { authorsOf } from '../review/gates.ts';
import { pathOf } from '../review/review-context.ts';
import type { Standings } from '../review/standing.ts';
import type { Assessed, Assessments, HowExact } from './assessments.ts';
import type { InboxSource } from './inbox.ts';

/** Most open pull requests that are gone through for one person. */
const mostOpen = 5_000;
/** How long a question may look at what is not known yet; the rest is looked at afterwards. */
const budgetMs = 1_000;

interface SourceDeps {
  readonly standings: Pick<Standings, 'open'>;
  readonly assessments: Assessments;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Pull requests whose closed gates a person can open, and his own that he can merge or must change. */
export function createPullRequestSource(deps: SourceDeps): InboxSource {
  const { assessments } = deps;
  let filling = false;

  /** Everything open that the person may see and could act on. */
  async function candidates(actor: Actor): Promise<PullRequest[]> {
    const scopes = actor.sovereignAdmin
      ? [{}]
      : actor.memberships
          .filter(({ role }) => role !== 'org-viewer')
          .map(({ organization }) => ({ organization }));
    const members = new Set(actor.memberships.map(({ organization }) => organization));
    const found: PullRequest[] = [];
    for (const scope of scopes)
      for await (const pullRequest of deps.standings.open(scope)) {
        if (found.length >= mostOpen) return found;
        // Who administers the Sovereign is in no team of an Organization that he is not a member of.
        if (members.has(pullRequest.repository.organization) || authorsOf(pullRequest).includes(actor.id))
          found.push(pullRequest);
      }
    return found;
  }

  async function look(pullRequest: PullRequest, how: HowExact): Promise<Assessed | 'failed' | undefined> {
    try {
      return await assessments.of(pullRequest, how);
    } catch (error) {
      // One that cannot be looked at must not hide the others.
      const { repository, number } = pullRequest;
      deps.logger.warn({ err: error, repository, number }, 'an open pull request could not be assessed');
      return 'failed';
    }
  }

  /** Looks at what an answer left out, so that the next one knows. */
  function fill(left: readonly [PullRequest, HowExact][]): void {
    if (filling || left.length === 0) return;
    filling = true;
    const work = async () => {
      for (const [pullRequest, how] of left) await look(pullRequest, how);
      filling = false;
    };
    void work();
  }

  return async (actor) => {
    const until = deps.clock.now() + budgetMs;
    const items: InboxEntry[] = [];
    const left: [PullRequest, HowExact][] = [];
    let failed = 0;
    for (const pullRequest of await candidates(actor)) {
      const own = authorsOf(pullRequest).includes(actor.id);
      const how: HowExact = own ? { now: 'to-merge', problems: true } : { now: 'never' };
      const known = await assessments.known(pullRequest, how);
      if (!known && deps.clock.now() > until) {
        left.push([pullRequest, how]);
        continue;
      }
      const assessed = known ?? (await look(pullRequest, how));
      if (assessed === 'failed') failed += 1;
      else if (assessed) items.push(...entriesOf(actor, pullRequest, assessed, own));
    }
    fill(left);
    return { items, pending: left.length + failed };
  };
}

function entriesOf(actor: Actor, pullRequest: PullRequest, assessed: Assessed, own: boolean): InboxEntry[] {
  const { repository, number, environment, title, head, openedBy } = pullRequest;
  const { organization } = repository;
  const mayMerge = authorize(actor, 'application.write', { organization, environment }) === 'allowed';
  const needed = Object.hasOwn(assessed.needed, actor.id) ? assessed.needed[actor.id] : undefined;
  const waiting = {
    ...pullRequest,
    reviews: pullRequest.reviews.map((review) => ({
      ...review,
      revision: reviewedRevision(pullRequest, review),
    })),
  };
  const wait = own ? waitForAuthor(waiting, assessed, mayMerge) : waitForReview(waiting, assessed, needed);
  if (!wait) return [];
  const entry: InboxEntry = {
    id: `${wait.kind}/${organization}/${repository.name}/${number}`,
    kind: wait.kind,
    organization,
    environment,
    application: repository.name,
    number,
    title,
    by: openedBy.name,
    revision: head,
    content: contentKey(pullRequest),
    since: wait.since,
    why: wait.why,
    path: pathOf(pullRequest),
    may: actor.readOnly ? ['open'] : mayOf(wait.kind),
  };
  return [entry];
}

function mayOf(kind: Wait['kind']): InboxEntry['may'] {
  if (kind === 'review') return ['approve', 'request-changes', 'open'];
  return kind === 'merge' ? ['merge', 'open'] : ['open'];
}
