import type { Outcome } from '@catalyst/model/api/history.ts';
import type { Pusher, RefUpdated } from '@catalyst/model/events/cloud-event.ts';
import type { TableDefinition, Transaction } from '../../ports/database.ts';
import { appliedPlansTable } from './applied-plans.ts';

/** One movement of the branch of an Environment. What nothing could give back: who, when, under which plan, and what became of it. */
export interface Change {
  /** `<environment>/<time, counted down>/<application>/<sequence, counted down>`: in order of keys the newest comes first. */
  readonly id: string;
  /** `<environment>/<application>` */
  readonly target: string;
  /** `<environment>/<application>/<revision>` */
  readonly entry: string;
  readonly organization: string;
  readonly environment: string;
  readonly application: string;
  readonly branch: string;
  readonly revision: string;
  /** 40 zeros for the first one of a branch. */
  readonly previous: string;
  /** Of the repository. */
  readonly sequence: number;
  readonly pusher: Pusher;
  /** First line of the newest commit. */
  readonly subject: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly planId?: string;
  readonly pullRequest?: number;
  /** Absent where nothing was or is installed: there is nothing that could come of it. */
  readonly outcome?: Outcome;
}

/** Newest first in order of keys; at most 10,000 per Application and Environment. */
export const changesTable: TableDefinition<Change> = {
  name: 'changes',
  key: 'id',
  indexes: ['target', 'entry', 'planId', 'organization'],
};

/** The newest change of an Application, for as long as it may still turn out one way or the other. */
export interface OpenChange {
  /** `<environment>/<application>` */
  readonly target: string;
  readonly change: string;
  readonly revision: string;
  readonly removing: boolean;
}

/** One row per Application whose newest change has not settled. */
export const openChangesTable: TableDefinition<OpenChange> = { name: 'changes_open', key: 'target' };

/** Through which plan or pull request a change came. */
export interface ChangeLink {
  readonly environment: string;
  readonly application: string;
  readonly revision: string;
  readonly planId?: string;
  readonly pullRequest?: number;
  /** Head that it was made on, for a plan that is carried out one pull request at a time. */
  readonly before?: string;
}

interface WaitingLink extends ChangeLink {
  readonly entry: string;
}

/** Links that were made before their change was recorded. */
const waitingLinks: TableDefinition<WaitingLink> = { name: 'change_links', key: 'entry' };

const mostPerApplication = 10_000;
const pruneEvery = 50;
const latest = 9_999_999_999_999;

const countDown = (from: number, value: number) => String(from - value).padStart(String(from).length, '0');

function idOf(update: RefUpdated, environment: string, application: string): string {
  const time = countDown(latest, Date.parse(update.time));
  return `${environment}/${time}/${application}/${countDown(999_999_999_999, update.sequence)}`;
}

function entryOf(environment: string, application: string, revision: string): string {
  return `${environment}/${application}/${revision}`;
}

/**
 * Writes down a movement of an environment branch. Safe to repeat: a movement told again changes nothing. The change before it is
 * superseded if it had not come to anything yet.
 */
export async function recordChange(
  tables: Transaction,
  update: RefUpdated & { readonly environment: string },
  facts: { readonly application: string; readonly installed: boolean; readonly branch: string },
): Promise<void> {
  const { organization, environment, newRevision: revision, pusher, subject, time: at, sequence } = update;
  const { application, branch } = facts;
  const changes = tables.table(changesTable);
  const id = idOf(update, environment, application);
  if (await changes.get(id)) return;
  const target = `${environment}/${application}`;
  const entry = entryOf(environment, application, revision);
  const link = await tables.table(waitingLinks).get(entry);
  if (link) await tables.table(waitingLinks).delete(entry);
  await supersede(tables, target, at);
  const removing = update.declaration === null;
  const expected = facts.installed || !removing;
  await changes.put({
    id,
    target,
    entry,
    organization,
    environment,
    application,
    branch,
    revision,
    previous: update.oldRevision,
    sequence,
    pusher,
    subject,
    at,
    ...(link?.planId === undefined ? {} : { planId: link.planId }),
    ...(link?.pullRequest === undefined ? {} : { pullRequest: link.pullRequest }),
    ...(expected ? { outcome: { state: 'pending' } } : {}),
  });
  if (expected) await tables.table(openChangesTable).put({ target, change: id, revision, removing });
  if (sequence % pruneEvery === 0) await prune(tables, target);
}

async function supersede(tables: Transaction, target: string, at: string): Promise<void> {
  const open = await tables.table(openChangesTable).get(target);
  if (!open) return;
  await tables.table(openChangesTable).delete(target);
  const change = await tables.table(changesTable).get(open.change);
  if (change?.outcome?.state !== 'pending') return;
  await tables.table(changesTable).put({ ...change, outcome: { state: 'superseded', settledAt: at } });
}

async function prune(tables: Transaction, target: string): Promise<void> {
  const changes = tables.table(changesTable);
  const surplus = (await changes.count({ target })) - mostPerApplication;
  if (surplus <= 0) return;
  const oldest = await changes.list({ where: { target }, descending: true, limit: Math.min(surplus, 1_000) });
  for (const change of oldest) await forget(tables, change);
}

/** A plan is kept for as long as one of its changes is. */
async function forget(tables: Transaction, change: Change): Promise<void> {
  const changes = tables.table(changesTable);
  await changes.delete(change.id);
  const { planId } = change;
  if (planId !== undefined && (await changes.count({ planId })) === 0)
    await tables.table(appliedPlansTable).delete(planId);
}

/** Says through which plan or pull request a revision came, whether its change is written down already or not. Safe to repeat. */
export async function linkChange(tables: Transaction, link: ChangeLink): Promise<void> {
  const { environment, application, revision, planId, pullRequest, before } = link;
  const entry = entryOf(environment, application, revision);
  const change = await findChange(tables, environment, application, revision);
  const more = {
    ...(planId === undefined ? {} : { planId }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
  };
  if (change) await tables.table(changesTable).put({ ...change, ...more });
  else await tables.table(waitingLinks).put({ entry, environment, application, revision, ...more });
  if (planId === undefined || before === undefined) return;
  const plan = await tables.table(appliedPlansTable).get(planId);
  if (!plan || plan.commits.some((commit) => commit.revision === revision)) return;
  const commits = [...plan.commits, { application, revision, before }];
  await tables.table(appliedPlansTable).put({ ...plan, commits });
}

/** The change that brought a branch to a revision; undefined where it never was at it, or too long ago. */
export async function findChange(
  tables: Transaction,
  environment: string,
  application: string,
  revision: string,
): Promise<Change | undefined> {
  const where = { entry: entryOf(environment, application, revision) };
  const [change] = await tables.table(changesTable).list({ where, limit: 1 });
  return change;
}

/** Changes that a plan made, the first one first. */
export async function changesOfPlan(tables: Transaction, planId: string): Promise<Change[]> {
  const found = await tables.table(changesTable).list({ where: { planId }, limit: 1_000 });
  return found.reverse();
}

/** Forgets an Organization whose repositories are gone, so that no namesake inherits its history. Idempotent. */
export async function forgetOrganization(tables: Transaction, organization: string): Promise<void> {
  for (;;) {
    const page = await tables.table(changesTable).list({ where: { organization }, limit: 1_000 });
    for (const change of page) {
      await tables.table(openChangesTable).delete(change.target);
      await forget(tables, change);
    }
    if (page.length < 1_000) return;
  }
}
