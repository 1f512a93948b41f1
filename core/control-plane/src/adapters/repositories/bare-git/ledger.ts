import type { Pusher, RefUpdated } from '@catalyst/model/events/cloud-event.ts';
import type { Database, TableDefinition, Transaction } from '../../../ports/database.ts';
import type { RepositoryName, UpdateFacts } from '../../../ports/repositories.ts';

/** A ref movement that was decided: written before the ref moves, removed when its event was taken. */
export interface Intent {
  /** `<organization>/<name>:<sequence>` */
  readonly id: string;
  readonly repository: string;
  readonly update: RefUpdated;
  /** True once it is known that the ref moved, whatever became of it since. */
  readonly moved: boolean;
  /** The Git process that moves it; it must be gone before the outcome can be known. */
  readonly process?: { readonly pid: number; readonly started: string };
}

interface Sequence {
  readonly repository: string;
  readonly last: number;
}

interface Push {
  /** `<organization>/<name>:<ref>:<revision>` */
  readonly id: string;
  readonly repository: string;
  readonly pusher: Pusher;
  readonly time: string;
}

/** Who brought a commit into the repository. */
interface Brought {
  /** `<organization>/<name>:<revision>` */
  readonly id: string;
  readonly repository: string;
  /** Who brought it last. */
  readonly pusher: Pusher;
  /** Ids of others who had brought it before, and let go of it again. */
  readonly earlier?: readonly string[];
}

const intents: TableDefinition<Intent> = { name: 'repository_intents', key: 'id', indexes: ['repository'] };
const sequences: TableDefinition<Sequence> = { name: 'repository_sequences', key: 'repository' };
const pushes: TableDefinition<Push> = { name: 'pushes', key: 'id', indexes: ['repository'] };
const brought: TableDefinition<Brought> = { name: 'commit_pushers', key: 'id', indexes: ['repository'] };

/** So many people one after another do not bring one and the same commit. */
const mostEarlier = 100;

/** A movement to be written down. */
export interface Movement {
  readonly ref: string;
  readonly oldRevision: string;
  readonly newRevision: string;
  readonly subject: string;
  readonly facts: UpdateFacts;
  /** Commits that no ref held before. */
  readonly commits: readonly string[];
}

/** What nothing could give back: intents, sequences, and who pushed. Every call is durable when it resolves. */
export interface Ledger {
  /** Writes the movements of one step with the next sequence numbers. */
  open(
    repository: RepositoryName,
    movements: readonly Movement[],
    by: { readonly pusher: Pusher; readonly time: string; readonly process?: Intent['process'] },
  ): Promise<Intent[]>;
  /**
   * Takes back those of a step that did not move, so that the sequence has no gaps: what moved is numbered anew.
   * Only the last step of a repository may be settled.
   */
  settle(step: readonly Intent[], moved: (intent: Intent) => boolean): Promise<Intent[]>;
  /** The event was taken. */
  acknowledge(intent: Intent): Promise<void>;
  /** Intents of every repository, in order of their repository and sequence, page by page. */
  openIntents(): AsyncIterable<Intent>;
  /** Writes down who brought commits that no ref holds yet. */
  bring(repository: RepositoryName, commits: readonly string[], pusher: Pusher): Promise<void>;
  /** Who brought a commit last, and the ids of others who had brought it before. */
  bringersOf(
    repository: RepositoryName,
    revision: string,
  ): Promise<Pick<Brought, 'pusher' | 'earlier'> | undefined>;
  /** Who pushed a revision to a ref. */
  pusherOf(repository: RepositoryName, ref: string, revision: string): Promise<Pusher | undefined>;
  /** A repository is about to go: its events stay, what else is known of it goes. */
  forget(repository: RepositoryName): Promise<void>;
}

/** `<organization>/<name>` */
export function fullName(repository: RepositoryName): string {
  return `${repository.organization}/${repository.name}`;
}

/** Keeps the ledger in the database. */
export function createLedger(database: Database): Ledger {
  return {
    open: (repository, movements, by) =>
      database.transaction(async (tables) => {
        const name = fullName(repository);
        const first = ((await tables.table(sequences).get(name))?.last ?? 0) + 1;
        const step = movements.map((movement, at) => toIntent(repository, movement, by, first + at));
        for (const intent of step) {
          await tables.table(intents).put(intent);
          await tables.table(pushes).put(toPush(intent));
        }
        for (const { commits } of movements) await putBrought(tables, name, commits, by.pusher);
        await tables.table(sequences).put({ repository: name, last: first + step.length - 1 });
        return step;
      }),
    settle: (step, moved) => settle(database, step, moved),
    async acknowledge(intent) {
      await database.table(intents).delete(intent.id);
    },
    async *openIntents() {
      for (let after: string | undefined; ; ) {
        const page = await database.table(intents).list({ ...(after ? { after } : {}), limit: 500 });
        yield* page;
        after = page.at(-1)?.id;
        if (page.length < 500) return;
      }
    },
    bring: (repository, commits, pusher) =>
      database.transaction((tables) => putBrought(tables, fullName(repository), commits, pusher)),
    bringersOf: (repository, revision) => database.table(brought).get(`${fullName(repository)}:${revision}`),
    async pusherOf(repository, ref, revision) {
      return (await database.table(pushes).get(pushId(fullName(repository), ref, revision)))?.pusher;
    },
    forget: (repository) =>
      database.transaction(async (tables) => {
        const where = { repository: fullName(repository) };
        for (const intent of await tables.table(intents).list({ where, limit: 10_000 }))
          await tables.table(intents).put({ ...intent, moved: true });
        await clear(tables, pushes, where);
        await clear(tables, brought, where);
      }),
  };
}

async function putBrought(
  tables: Transaction,
  repository: string,
  commits: readonly string[],
  pusher: Pusher,
): Promise<void> {
  const rows = tables.table(brought);
  for (const revision of commits) {
    const id = `${repository}:${revision}`;
    const present = await rows.get(id);
    const known = present ? [...(present.earlier ?? []), present.pusher.id] : [];
    const earlier = [...new Set(known)].filter((other) => other !== pusher.id).slice(0, mostEarlier);
    await rows.put({ id, repository, pusher, ...(earlier.length > 0 ? { earlier } : {}) });
  }
}

async function clear<Row extends { readonly id: string; readonly repository: string }>(
  tables: Transaction,
  definition: TableDefinition<Row>,
  where: Partial<Row>,
): Promise<void> {
  const table = tables.table(definition);
  for (;;) {
    const page = await table.list({ where, limit: 1000 });
    if (page.length === 0) return;
    for (const { id } of page) await table.delete(id);
  }
}

function settle(
  database: Database,
  step: readonly Intent[],
  moved: (intent: Intent) => boolean,
): Promise<Intent[]> {
  return database.transaction(async (tables) => {
    let next = step[0]?.update.sequence ?? 1;
    const kept: Intent[] = [];
    for (const intent of step) {
      await tables.table(intents).delete(intent.id);
      if (!moved(intent)) await tables.table(pushes).delete(toPush(intent).id);
      else kept.push(renumber(intent, next++));
    }
    for (const intent of kept) await tables.table(intents).put(intent);
    if (step[0]) await tables.table(sequences).put({ repository: step[0].repository, last: next - 1 });
    return kept;
  });
}

function renumber(intent: Intent, sequence: number): Intent {
  const update = { ...intent.update, sequence };
  return { ...intent, id: intentId(intent.repository, sequence), update, moved: true };
}

function toIntent(
  repository: RepositoryName,
  movement: Movement,
  by: Parameters<Ledger['open']>[2],
  sequence: number,
): Intent {
  const { facts, commits: _, ...moved } = movement;
  const name = fullName(repository);
  return {
    id: intentId(name, sequence),
    repository: name,
    moved: false,
    ...(by.process ? { process: by.process } : {}),
    update: {
      organization: repository.organization,
      repository: repository.name,
      ...moved,
      sequence,
      pusher: by.pusher,
      time: by.time,
      ...(facts.environment === undefined ? {} : { environment: facts.environment }),
      ...(facts.declaration === undefined ? {} : { declaration: facts.declaration }),
    },
  };
}

function toPush({ repository, update }: Intent): Push {
  return {
    id: pushId(repository, update.ref, update.newRevision),
    repository,
    pusher: update.pusher,
    time: update.time,
  };
}

function pushId(repository: string, ref: string, revision: string): string {
  return `${repository}:${ref}:${revision}`;
}

function intentId(repository: string, sequence: number): string {
  return `${repository}:${String(sequence).padStart(12, '0')}`;
}
