import type { ResourceChanged } from '@catalyst/model/events/cloud-event.ts';
import { makeEvent } from '@catalyst/model/events/make-event.ts';
import { sovereignSubject } from '@catalyst/model/events/subjects.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { parseConfigFile } from '@catalyst/model/resources/config-tree.ts';
import type { EventSpine } from '../../events/event-spine.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Repositories, TreeFile } from '../../ports/repositories.ts';
import { eachRow } from '../projector/rows.ts';
import { configBranch, configRepository } from '../receiving/config-repository.ts';
import {
  type EnvironmentRow,
  environmentsTable,
  type OrganizationRow,
  organizationsTable,
  reconciledTable,
} from './resource-tables.ts';

/** What the reconcile needs. */
export interface ReconcileDeps {
  readonly repositories: Pick<Repositories, 'head' | 'files' | 'read'>;
  readonly database: Database;
  readonly spine: Pick<EventSpine, 'publish'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes away what is installed in an Environment whose file is gone. Idempotent. */
  readonly vacate: (environment: string) => Promise<void>;
}

const repositoryId = `${configRepository.organization}/${configRepository.name}`;

interface Difference {
  readonly organizations: OrganizationRow[];
  readonly environments: EnvironmentRow[];
  readonly gone: { readonly kind: 'Organization' | 'Environment'; readonly name: string }[];
}

/**
 * Makes the rows say what the head of `system/catalyst-config` says, reading only files that changed; answers that head. The rows and the revision
 * change in one transaction; the events follow, and a crash between the two is made good by the projector's start.
 */
export async function reconcileConfig(deps: ReconcileDeps, stopping: AbortSignal): Promise<string> {
  const { repositories, database } = deps;
  const head = await repositories.head(configRepository, configBranch);
  if (head === undefined) return '';
  const before = await database.table(reconciledTable).get(repositoryId);
  if (before?.revision === head) return head;
  const difference = await compare(deps, head);
  // Before the rows forget them: a crash in between finds the same difference again.
  for (const { kind, name } of difference.gone) if (kind === 'Environment') await deps.vacate(name);
  await database.transaction(async (tables) => {
    for (const row of difference.organizations) await tables.table(organizationsTable).put(row);
    for (const row of difference.environments) await tables.table(environmentsTable).put(row);
    for (const { kind, name } of difference.gone)
      if (kind === 'Organization') await tables.table(organizationsTable).delete(name);
      else await tables.table(environmentsTable).delete(name);
    await tables.table(reconciledTable).put({ repository: repositoryId, revision: head });
  });
  void announce(deps, difference, head, stopping);
  return head;
}

async function compare(deps: ReconcileDeps, head: string): Promise<Difference> {
  const files = new Map(
    (await deps.repositories.files(configRepository, head)).map((file) => [file.path, file]),
  );
  const difference: Difference = { organizations: [], environments: [], gone: [] };
  const known = new Map<string, string>();
  const note = (kind: 'Organization' | 'Environment', name: string, blob: string) => {
    const path = `${kind.toLowerCase()}s/${name}.yaml`;
    known.set(path, blob);
    if (!files.has(path)) difference.gone.push({ kind, name });
  };
  for await (const row of eachRow(deps.database.table(organizationsTable), ({ name }) => name))
    note('Organization', row.name, row.blob);
  for await (const row of eachRow(deps.database.table(environmentsTable), ({ name }) => name))
    note('Environment', row.name, row.blob);
  for (const file of files.values())
    if (/^(?:organizations|environments)\//.test(file.path) && known.get(file.path) !== file.blob)
      await take(deps, head, file, difference);
  return difference;
}

async function take(deps: ReconcileDeps, head: string, file: TreeFile, into: Difference): Promise<void> {
  const { path, blob } = file;
  const bytes = await deps.repositories.read(configRepository, head, path);
  const parsed = parseConfigFile(path, new TextDecoder().decode(bytes));
  if (!parsed.ok) {
    // The judge of pushes lets no such file in; one that got past it changes nothing.
    deps.logger.error(
      { path, problems: parsed.problems },
      'a configuration file is not valid and is left out',
    );
    return;
  }
  const resource = parsed.value;
  const { name } = resource.metadata;
  if (resource.kind === 'Organization') into.organizations.push({ name, resource, blob });
  else into.environments.push({ name, organization: resource.spec.organization, resource, blob });
}

async function announce(
  deps: ReconcileDeps,
  { organizations, environments, gone }: Difference,
  revision: string,
  stopping: AbortSignal,
): Promise<void> {
  const changes: ResourceChanged[] = [
    ...[...organizations, ...environments].map(({ name, resource }) => ({
      kind: resource.kind,
      name,
      // Came from YAML, so it is JSON; a type of named properties is never assignable to one of any property.
      resource: resource as unknown as JsonObject,
      revision,
    })),
    ...gone.map(({ kind, name }) => ({ kind, name, deleted: true, revision })),
  ];
  for (const change of changes) {
    const subject = sovereignSubject('resource', change.kind, change.name);
    const id = `${change.kind}/${change.name}/${revision}`;
    const type = 'io.openova.catalyst.resource.changed';
    const event = makeEvent(type, `/repositories/${repositoryId}`, id, deps.clock.now(), change);
    while (!stopping.aborted)
      try {
        await deps.spine.publish(subject, event);
        break;
      } catch (error) {
        deps.logger.warn({ err: error, subject }, 'a change of configuration waits for the event stream');
        await deps.clock.sleep(1_000, stopping);
      }
  }
}
