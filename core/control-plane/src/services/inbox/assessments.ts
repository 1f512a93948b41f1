import { createHash } from 'node:crypto';
import type { RefUpdated } from '@catalyst/model/events/cloud-event.ts';
import { type NeededReviewers, neededReviewers, type Standing } from '@catalyst/model/inbox/waits-for.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RepositoryName } from '../../ports/repositories.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import type { Access } from '../access/access.ts';
import type { Teams } from '../access/teams.ts';
import { contentKey } from '../review/decisions.ts';
import type { Standings } from '../review/standing.ts';

/** What was found of an open pull request, without the facts, which are many. */
export interface Assessed extends Standing {
  readonly destinationHead: string;
  readonly needed: NeededReviewers;
}

/** How exact an answer must be. */
export interface HowExact {
  /**
   * `always`: gates that open and close with time are as of this minute. `to-merge`: only where nothing else keeps it from being merged.
   * `never`: they may be older.
   */
  readonly now: 'always' | 'to-merge' | 'never';
  /** With what else would refuse the merge, where gates and conflicts do not already. */
  readonly problems?: boolean;
}

/** What is needed to look at pull requests. */
export interface AssessmentsDeps {
  readonly standings: Pick<Standings, 'of' | 'problems'>;
  readonly access: Pick<Access, 'members'>;
  readonly teams: Pick<Teams, 'list'>;
  /** Where the policies are; its head changes with every change of any policy. */
  readonly policies: RepositoryName & { readonly branch: string };
  readonly headOf: (repository: RepositoryName, branch: string) => Promise<string | undefined>;
  readonly clock: Clock;
}

/**
 * Where open pull requests stand, looked at again only when something that it follows from has changed: the row, the destination's
 * head, a policy, the people of the Organization, or the minute where time matters. Nothing here decides whether something may be merged.
 */
export interface Assessments {
  /** Call it with every moved ref: heads are kept until then. */
  moved(update: Pick<RefUpdated, 'organization' | 'repository' | 'ref'>): void;
  /** What is known and holds still; undefined where it must be looked at. */
  known(pullRequest: PullRequest, how: HowExact): Promise<Assessed | undefined>;
  /** Looks where need be; undefined where the destination is gone. */
  of(pullRequest: PullRequest, how: HowExact): Promise<Assessed | undefined>;
}

interface Entry {
  readonly key: string;
  readonly minute: number;
  readonly assessed: Assessed;
}

const mostEntries = 10_000;
const peopleForMs = 2_000;
const minuteMs = 60_000;

/** Keeps at most 10,000 answers in memory. */
export function createAssessments(deps: AssessmentsDeps): Assessments {
  const entries = new Map<string, Entry>();
  const foreseen = new Map<string, Standing['problems']>();
  const people = new Map<string, { readonly at: number; readonly stamp: Promise<string> }>();
  const flying = new Map<string, Promise<Assessed>>();
  const heads = new Map<string, Promise<string | undefined>>();
  const minute = () => Math.floor(deps.clock.now() / minuteMs);

  function headOf(repository: RepositoryName, branch: string): Promise<string | undefined> {
    const id = headId(repository, branch);
    const found = heads.get(id);
    if (found) return found;
    // Kept from before it is read on: a move meanwhile takes it away again.
    const head = deps.headOf(repository, branch);
    keep(heads, id, head);
    head.catch(() => heads.delete(id));
    return head;
  }

  function peopleStamp(organization: string): Promise<string> {
    const found = people.get(organization);
    const now = deps.clock.now();
    if (found && Math.abs(now - found.at) < peopleForMs) return found.stamp;
    const stamp = readPeople(organization);
    keep(people, organization, { at: now, stamp });
    stamp.catch(() => people.delete(organization));
    return stamp;
  }

  async function readPeople(organization: string): Promise<string> {
    const [members, teams] = await Promise.all([
      deps.access.members(organization),
      deps.teams.list(organization),
    ]);
    const stamp = JSON.stringify([
      members.map(({ user, role, environments }) => [user.id, user.email, user.active, role, environments]),
      teams.map(({ name, members: of }) => [name, of.map(({ id }) => id)]),
    ]);
    return createHash('sha256').update(stamp).digest('base64url');
  }

  /** Everything but time that the answer follows from. */
  async function keyOf(pullRequest: PullRequest): Promise<{ key: string; head: string } | undefined> {
    const [head, policy, who] = await Promise.all([
      headOf(pullRequest.repository, pullRequest.destination),
      headOf(deps.policies, deps.policies.branch),
      peopleStamp(pullRequest.repository.organization),
    ]);
    return head === undefined
      ? undefined
      : { key: [pullRequest.version, head, policy ?? '', who].join(' '), head };
  }

  function found(pullRequest: PullRequest, key: string, head: string, how: HowExact): Assessed | undefined {
    const entry = entries.get(idOf(pullRequest));
    if (entry?.key !== key || (entry.minute !== minute() && timeMatters(how, entry.assessed)))
      return undefined;
    if (how.problems !== true || !isOpen(entry.assessed)) return entry.assessed;
    const problems = foreseen.get(foreseenId(pullRequest, head));
    return problems && { ...entry.assessed, problems };
  }

  async function look(pullRequest: PullRequest, key: string, head: string): Promise<Assessed> {
    const since = minute();
    const { gates, facts, conflicts } = await deps.standings.of(pullRequest, head);
    const assessed = { destinationHead: head, gates, conflicts, needed: neededReviewers(gates, facts) };
    keep(entries, idOf(pullRequest), { key, minute: since, assessed });
    return assessed;
  }

  /** Those who ask for the same at once share one look. */
  function lookOnce(pullRequest: PullRequest, key: string, head: string): Promise<Assessed> {
    const id = `${idOf(pullRequest)} ${key} ${minute()}`;
    const running = flying.get(id);
    if (running) return running;
    const work = look(pullRequest, key, head).finally(() => flying.delete(id));
    flying.set(id, work);
    return work;
  }

  return {
    moved({ organization, repository, ref }) {
      heads.delete(headId({ organization, name: repository }, ref.replace(/^refs\/heads\//, '')));
    },
    async known(pullRequest, how) {
      const now = await keyOf(pullRequest);
      return now && found(pullRequest, now.key, now.head, how);
    },
    async of(pullRequest, how) {
      const now = await keyOf(pullRequest);
      if (!now) return undefined;
      const { key, head } = now;
      const known = found(pullRequest, key, head, how);
      if (known) return known;
      const assessed =
        found(pullRequest, key, head, { now: how.now }) ?? (await lookOnce(pullRequest, key, head));
      if (how.problems !== true || !isOpen(assessed)) return assessed;
      const problems = await deps.standings.problems(pullRequest, head);
      keep(foreseen, foreseenId(pullRequest, head), problems);
      return { ...assessed, problems };
    },
  };
}

const idOf = ({ repository, number }: PullRequest) =>
  `${repository.organization}/${repository.name}#${number}`;
const headId = ({ organization, name }: RepositoryName, branch: string) =>
  `${organization}/${name} ${branch}`;
const foreseenId = (pullRequest: PullRequest, destinationHead: string) =>
  `${idOf(pullRequest)} ${contentKey(pullRequest)} ${destinationHead}`;

/** Whether a gate that only time opens or closes can change the answer. */
function timeMatters({ now }: HowExact, { gates, conflicts }: Assessed): boolean {
  if (now !== 'to-merge') return now === 'always';
  const waitsForPeople = gates.some(({ allowed, needs = [] }) => !allowed && needs.length > 0);
  return conflicts.length === 0 && !waitsForPeople;
}

function isOpen({ gates, conflicts }: Standing): boolean {
  return conflicts.length === 0 && gates.every(({ allowed }) => allowed);
}

/** The newest stay. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= mostEntries) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
