import { type Actor, authorize } from '@catalyst/model/authorization.ts';
import type {
  BreakGlassChanged,
  PullRequestChanged,
  ReleaseStatus,
} from '@catalyst/model/events/cloud-event.ts';
import { branchOf, parseEnvironmentName } from '@catalyst/model/names.ts';
import { type AddressedNotice, noticesOfPullRequest } from '@catalyst/model/notification/of-pull-request.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import { decideState } from '@catalyst/model/projection/application-state.ts';
import type { Delivered, EventSpine } from '../../events/event-spine.ts';
import type { Database } from '../../ports/database.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import type { Access } from '../access/access.ts';
import type { Assessments } from '../inbox/assessments.ts';
import { healthStatesTable } from '../projector/health.ts';
import { contentKey } from '../review/decisions.ts';
import { authorsOf } from '../review/gates.ts';
import type { Standings } from '../review/standing.ts';
import type { Notifications } from './notifications.ts';

/** Where the facts come from: one durable position each. */
const sources = [
  ['notifications-pull-requests', 'sv.pull-request.*.*.*'],
  ['notifications-releases', 'ws.*.flux.*'],
  ['notifications-break-glass', 'sv.break-glass.*.*'],
] as const;
/** How far back the commit of a release is looked for. */
const searchedCommits = 20;

/** What the intake needs. */
export interface IntakeDeps {
  readonly spine: Pick<EventSpine, 'subscribeBatches'>;
  readonly database: Database;
  readonly notifications: Pick<Notifications, 'notify'>;
  readonly standings: Pick<Standings, 'get'>;
  readonly assessments: Pick<Assessments, 'of'>;
  readonly access: Pick<Access, 'members'>;
  readonly identity: Pick<Identity, 'findUser'>;
  readonly repositories: Pick<Repositories, 'history'>;
  readonly logger: Logger;
}

/**
 * Turns events of the spine into notifications. Those of a batch are durable in one transaction before the batch is acknowledged; a batch
 * that comes again makes the same ids, and so nothing new.
 */
export function createIntake(deps: IntakeDeps) {
  const { database, logger } = deps;
  const subscriptions: { stop(): Promise<void> }[] = [];

  /** Of the authors, those who could merge it now. */
  async function mergersOf(
    { repository, environment }: PullRequest,
    ids: readonly string[],
  ): Promise<string[]> {
    const { organization } = repository;
    const members = await deps.access.members(organization);
    const found: string[] = [];
    for (const id of ids) {
      const user = await deps.identity.findUser(id);
      if (!user?.active) continue;
      const member = members.find((entry) => entry.user.id === id);
      const { role, environments } = member ?? {};
      const membership = role && { organization, role, ...(environments ? { environments } : {}) };
      const actor: Actor = { ...user, memberships: membership ? [membership] : [], surface: 'system' };
      if (authorize(actor, 'application.write', { organization, environment }) === 'allowed') found.push(id);
    }
    return found;
  }

  async function ofPullRequest(
    changed: PullRequestChanged,
    event: { readonly event: string; readonly at: string },
  ): Promise<AddressedNotice[]> {
    const repository = { organization: changed.organization, name: changed.repository };
    const row = await deps.standings.get(repository, changed.number);
    if (!row) return [];
    const authors = authorsOf(row);
    const isOpen = row.state === 'open';
    const assessed = isOpen ? await deps.assessments.of(row, { now: 'always' }) : undefined;
    const open =
      assessed?.conflicts.length === 0 &&
      assessed.gates.every(({ allowed }) => allowed) &&
      contentKey(row) === changed.content;
    const mergers = open ? await mergersOf(row, authors) : [];
    const reviewers = assessed?.conflicts.length === 0 ? Object.keys(assessed.needed) : [];
    return noticesOfPullRequest(changed, { isOpen, authors, reviewers, mergers }, event);
  }

  async function ofRelease(status: ReleaseStatus, at: string): Promise<AddressedNotice[]> {
    const { organization, environment, application, revision, declaration } = status;
    const envType = parseEnvironmentName(environment)?.envType;
    if (status.removed || status.ready.status !== 'False' || !envType) return [];
    const health = await database.table(healthStatesTable).get(`${environment}/${application}`);
    const { state, why } = decideState({
      revision,
      paused: declaration?.paused ?? false,
      removing: false,
      release: status,
      engine: { available: true, message: '' },
      ...(health?.readyRevision === undefined ? {} : { readyRevision: health.readyRevision }),
    });
    if (state !== 'Failed') return [];
    const history = await deps.repositories.history({ organization, name: application }, branchOf(envType), {
      limit: searchedCommits,
    });
    const pusher = history.find((commit) => commit.revision === revision)?.pusher;
    if (!pusher || pusher.surface === 'system') return [];
    return [
      {
        to: [pusher.id],
        notice: {
          id: `failed/${environment}/${application}/${revision}`,
          kind: 'failed',
          organization,
          title: `${application} in ${environment}`,
          // The reason alone: what a container says may be anything, and this leaves by e-mail.
          message: `It failed at commit ${revision.slice(0, 7)}, which you brought: ${why?.reason ?? 'Failed'}.`,
          path: `/environments/${environment}/applications/${application}`,
          at,
        },
      },
    ];
  }

  /** Everybody of the Organization but who did it. */
  async function ofBreakGlass(broken: BreakGlassChanged, at: string): Promise<AddressedNotice[]> {
    const { organization, environment, id, change, by, until } = broken;
    if (change !== 'opened') return [];
    const members = await deps.access.members(organization);
    return [
      {
        to: members.map(({ user }) => user.id).filter((member) => member !== by.id),
        notice: {
          id: `break-glass/${id}`,
          kind: 'break-glass',
          organization,
          title: `The glass of ${environment} is broken`,
          message: `${by.name} may merge past its gates until ${until}.`,
          path: `/environments/${environment}/history`,
          at,
        },
      },
    ];
  }

  async function noticesOf({ event, sequence }: Delivered): Promise<AddressedNotice[]> {
    try {
      if (event.type === 'io.openova.catalyst.pull-request.changed')
        return await ofPullRequest(event.data, { event: event.id, at: event.time });
      if (event.type === 'io.openova.catalyst.break-glass.changed')
        return await ofBreakGlass(event.data, event.time);
      return event.type === 'io.openova.catalyst.release.reported'
        ? await ofRelease(event.data, event.time)
        : [];
    } catch (error) {
      if (error instanceof CatalystError && error.retry === 'later') throw error;
      // An event that cannot be read must not hold up all that come after it.
      logger.error({ err: error, sequence }, 'nobody could be told of an event');
      return [];
    }
  }

  async function take(batch: readonly Delivered[]): Promise<void> {
    const told: AddressedNotice[] = [];
    for (const delivered of batch) told.push(...(await noticesOf(delivered)));
    if (told.length === 0) return;
    await database.transaction(async (tables) => {
      for (const { notice, to } of told) await deps.notifications.notify({ ...notice, to }, tables);
    });
  }

  return {
    async start(): Promise<void> {
      for (const [durable, filter] of sources)
        subscriptions.push(await deps.spine.subscribeBatches(durable, filter, take));
    },
    async stop(): Promise<void> {
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.stop()));
    },
  };
}
