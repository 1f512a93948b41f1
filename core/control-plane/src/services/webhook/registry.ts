import type {
  CreatedWebhook,
  CreateWebhook,
  UpdateWebhook,
  WebhookView,
} from '@catalyst/model/api/webhooks.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { OutboundHttp } from '../../ports/outbound-http.ts';
import type { Secrets } from '../../ports/secrets.ts';
import {
  attemptsTable,
  knownStatesTable,
  matching,
  messagesTable,
  type WebhookRow,
  webhooksTable,
} from './tables.ts';

const mostPerOrganization = 20;
const secretKey = 'secret';

/** What the registry needs. */
export interface RegistryDeps {
  readonly database: Database;
  readonly secrets: Secrets;
  readonly http: Pick<OutboundHttp, 'check'>;
  readonly clock: Clock;
  readonly createId: () => string;
  /** A new `whsec_…`. */
  readonly createSecret: () => string;
}

/** Refusal for a webhook that is not there. */
export const noWebhook: Problem = {
  code: 'NotFound',
  message: 'There is no such webhook in this Organization.',
};

/** Which webhooks there are. Reads come from memory; the registry is the only writer of its rows. */
export function createRegistry(deps: RegistryDeps) {
  const { database, secrets } = deps;
  const rows = new Map<string, WebhookRow>();
  const table = database.table(webhooksTable);
  let turn: Promise<unknown> = Promise.resolve();

  /** One change at a time, so that limits hold and none overwrites another. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = turn.then(work, work);
    turn = next.catch(() => undefined);
    return next;
  }

  const of = (organization: string) => [...rows.values()].filter((row) => row.organization === organization);
  const find = (organization: string, id: string) => {
    const row = rows.get(id);
    return row?.organization === organization ? row : undefined;
  };

  async function save(row: WebhookRow): Promise<WebhookRow> {
    await table.put(row);
    rows.set(row.id, row);
    return row;
  }

  async function drop(row: WebhookRow): Promise<void> {
    await table.delete(row.id);
    rows.delete(row.id);
    const where = { webhook: row.id };
    const [messages, attempts] = [database.table(messagesTable), database.table(attemptsTable)];
    for await (const { id } of matching(messages, where)) await messages.delete(id);
    for await (const { id } of matching(attempts, where)) await attempts.delete(id);
    await secrets.delete(secretPath(row));
  }

  return {
    async start(): Promise<void> {
      for await (const row of matching(table)) rows.set(row.id, row);
    },
    get: (id: string) => rows.get(id),
    ids: () => [...rows.keys()],
    find,
    of,
    create: (actor: Actor, organization: string, request: CreateWebhook) =>
      inTurn(async (): Promise<Result<CreatedWebhook>> => {
        const url = deps.http.check(request.url);
        if (!url.ok) return url;
        if (of(organization).length >= mostPerOrganization)
          return refused({
            code: 'TooMany',
            message: `An Organization has at most ${mostPerOrganization} webhooks. Remove one first.`,
          });
        const row: WebhookRow = {
          id: `wh_${deps.createId()}`,
          organization,
          url: request.url,
          events: request.events,
          ...(request.description === undefined ? {} : { description: request.description }),
          active: true,
          createdBy: actor.name,
          createdAt: new Date(deps.clock.now()).toISOString(),
        };
        const secret = deps.createSecret();
        // First the secret: a row without one could sign nothing.
        await secrets.write(secretPath(row), { [secretKey]: secret }, 0);
        await save(row);
        return ok({ ...toView(row), secret });
      }),
    change: (organization: string, id: string, change: UpdateWebhook) =>
      inTurn(async (): Promise<Result<WebhookView>> => {
        const row = find(organization, id);
        if (!row) return refused(noWebhook);
        const url = change.url === undefined ? undefined : deps.http.check(change.url);
        if (url?.ok === false) return url;
        const { disabledReason, ...rest } = row;
        const active = change.active ?? row.active;
        const reason = active || disabledReason === undefined ? {} : { disabledReason };
        return ok(toView(await save({ ...rest, ...reason, ...change, active })));
      }),
    /** Marks what came of an attempt; a webhook that is gone meanwhile stays gone. */
    note: (id: string, what: Partial<Pick<WebhookRow, 'active' | 'disabledReason' | 'deliveredAt'>>) =>
      inTurn(async () => {
        const row = rows.get(id);
        if (row) await save({ ...row, ...what });
      }),
    remove: (organization: string, id: string) =>
      inTurn(async () => {
        const row = find(organization, id);
        if (row) await drop(row);
        return row !== undefined;
      }),
    removeOrganization: (organization: string) =>
      inTurn(async () => {
        for (const row of of(organization)) await drop(row);
        for await (const { id } of matching(database.table(knownStatesTable), { organization }))
          await database.table(knownStatesTable).delete(id);
        await secrets.delete(`webhooks/${organization}/`);
      }),
    async secretOf(row: WebhookRow): Promise<string | undefined> {
      return (await secrets.read(secretPath(row)))?.values[secretKey];
    },
  };
}

/** Which webhooks there are. */
export type Registry = ReturnType<typeof createRegistry>;

/** Below no Environment, so that no Application can ask for it. */
function secretPath(row: Pick<WebhookRow, 'organization' | 'id'>): string {
  return `webhooks/${row.organization}/${row.id}`;
}

/** What people see of a webhook. */
export function toView(row: WebhookRow): WebhookView {
  const { id, url, events, description, active, createdBy, createdAt, disabledReason } = row;
  return {
    id,
    url,
    events: [...events],
    active,
    createdBy,
    createdAt,
    ...(description === undefined ? {} : { description }),
    ...(disabledReason === undefined ? {} : { disabledReason }),
  };
}
