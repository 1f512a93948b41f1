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
import { type Committer, system } from './config-repository.ts';
import {
  type EnvironmentRow,
  environmentsTable,
  type OrganizationRow,
  organizationsTable,
  reconciledTable,
} from './resource-tables.ts';

/** What the reconcile needs. */
export interface ReconcileDeps {
  readonly repositories: Pick<Repositories, 'head' | 'files' | 'read' | 'list' | 'commitsBetween'>;
  readonly database: Database;
  readonly spine: Pick<EventSpine, 'publish'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Begins to delete what has no file any more; its rows stay until that is done. Idempotent. */
  readonly beginDeletion: (by: Committer, gone: Gone) => Promise<void>;
  /** Begins to declare what the branches of an Environment hold. */
  readonly declareBranches: (environment: string) => void;
}

const repositoryId = `${configRepository.organization}/${configRepository.name}`;

/** An Organization or Environment that the configuration no longer has. */
export interface Gone {
  readonly kind: 'Organization' | 'Environment';
  readonly name: string;
  readonly organization: string;
}

interface Difference {
  readonly organizations: OrganizationRow[];
  readonly environments: EnvironmentRow[];
  readonly gone: Gone[];
}

/**
 * Makes the rows say what the head of `system/catalyst-config` says, reading only files that changed; answers that head. What has no
 * file any more begins to be deleted. The rows and the revision change in one transaction; the events follow, and a crash between
 * the two is made good by the projector's start.
 */
export async function reconcileConfig(deps: ReconcileDeps, stopping: AbortSignal): Promise<string> {
  const { repositories, database } = deps;
  const head = await repositories.head(configRepository, configBranch);
  if (head === undefined) return '';
  const before = await database.table(reconciledTable).get(repositoryId);
  if (before?.revision === head) return head;
  const difference = await compare(deps, head);
  // Before the revision is written down: a crash in between finds the same difference again.
  if (difference.gone.length > 0) {
    const by = await whoRemoved(deps, before?.revision, head);
    for (const gone of difference.gone) await deps.beginDeletion(by, gone);
  }
  await database.transaction(async (tables) => {
    for (const row of difference.organizations) await tables.table(organizationsTable).put(row);
    for (const row of difference.environments) await tables.table(environmentsTable).put(row);
    await tables.table(reconciledTable).put({ repository: repositoryId, revision: head });
  });
  for (const { name, undeclared } of difference.environments) if (undeclared) deps.declareBranches(name);
  const resources = [...difference.organizations, ...difference.environments].map(({ resource }) => resource);
  const changes = resources.map((resource) => ({
    kind: resource.kind,
    name: resource.metadata.name,
    // Came from YAML, so it is JSON; a type of named properties is never assignable to one of any property.
    resource: resource as unknown as JsonObject,
    revision: head,
  }));
  void announce(deps, changes, stopping);
  return head;
}

/** Who brought the newest commit of those that were reconciled. A commit's author is what its maker says he is, so no mail is taken from it. */
async function whoRemoved(
  { repositories }: Pick<ReconcileDeps, 'repositories'>,
  before: string | undefined,
  head: string,
): Promise<Committer> {
  const commits = await repositories.commitsBetween(configRepository, before ?? '0'.repeat(40), head);
  const pusher = commits.find((commit) => commit.pusher)?.pusher;
  return pusher ? { ...system, ...pusher } : system;
}

async function compare(deps: ReconcileDeps, head: string): Promise<Difference> {
  const files = new Map(
    (await deps.repositories.files(configRepository, head)).map((file) => [file.path, file]),
  );
  const difference: Difference = { organizations: [], environments: [], gone: [] };
  const known = new Map<string, { readonly blob: string; readonly undeclared?: true }>();
  const note = (gone: Gone, row: { readonly blob: string; readonly undeclared?: true }) => {
    const path = `${gone.kind.toLowerCase()}s/${gone.name}.yaml`;
    known.set(path, row);
    if (!files.has(path)) difference.gone.push(gone);
  };
  for await (const row of eachRow(deps.database.table(organizationsTable), ({ name }) => name))
    note({ kind: 'Organization', name: row.name, organization: row.name }, row);
  for await (const row of eachRow(deps.database.table(environmentsTable), ({ name }) => name))
    note({ kind: 'Environment', name: row.name, organization: row.organization }, row);
  for (const file of files.values())
    if (/^(?:organizations|environments)\//.test(file.path) && known.get(file.path)?.blob !== file.blob)
      await take(deps, head, file, { into: difference, row: known.get(file.path) });
  return difference;
}

async function take(
  deps: ReconcileDeps,
  head: string,
  file: TreeFile,
  { into, row }: { readonly into: Difference; readonly row: { readonly undeclared?: true } | undefined },
): Promise<void> {
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
  if (resource.kind === 'Organization') {
    into.organizations.push({ name, resource, blob });
    return;
  }
  const { organization } = resource.spec;
  const undeclared = row ? row.undeclared : (await deps.repositories.list(organization)).length > 0;
  into.environments.push({ name, organization, resource, blob, ...(undeclared ? { undeclared: true } : {}) });
}

/** Tells what changed; goes on trying until the stream takes it. */
export async function announce(
  deps: Pick<ReconcileDeps, 'spine' | 'clock' | 'logger'>,
  changes: readonly ResourceChanged[],
  stopping: AbortSignal,
): Promise<void> {
  for (const change of changes) {
    const subject = sovereignSubject('resource', change.kind, change.name);
    const id = `${change.kind}/${change.name}/${change.revision}`;
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
