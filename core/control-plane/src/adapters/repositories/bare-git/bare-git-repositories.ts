import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';
import type { Logger } from '../../../ports/logger.ts';
import type {
  PullRequestDoor,
  Repositories,
  RepositoryName,
  UpdateJudge,
} from '../../../ports/repositories.ts';
import { createCommitGraph } from './commit-graph.ts';
import { createDelivery } from './delivery.ts';
import { prepareGitEnvironment } from './git-environment.ts';
import { readBetween, readHistory } from './history.ts';
import { isAcceptedRef, isPlainPath, isRepositoryName, isRevision, noRevision } from './hostile-names.ts';
import { createLedger, fullName } from './ledger.ts';
import { createLocks } from './locks.ts';
import { type MergeDeps, merge } from './merge.ts';
import { createMovements } from './movements.ts';
import { createObjectReaders, toBlob } from './object-reader.ts';
import { createPacking, type PackingLimits } from './packing.ts';
import { createRecentObjects } from './recent-objects.ts';
import { createSmartHttp } from './smart-http.ts';
import { exists, moveRef, onDisk, readRef, syncFolder } from './storage.ts';
import { createListingCache, type Listing, listTree } from './trees.ts';
import { commit, create, notFound, type WritingDeps } from './writing.ts';

const maximumReadBytes = 16 * 1024 * 1024;

/** What the repositories stand on. */
export interface BareGitRepositoriesOptions {
  /** Folder of the repositories; made where it is missing (mode 0700). One process may use it at a time. */
  readonly root: string;
  readonly database: Database;
  readonly judge: UpdateJudge;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The Git program; `git` of PATH unless told. */
  readonly git?: string;
  /** Largest pack of a push; 100 MB unless told. */
  readonly maxInputBytes?: number;
  /** 120 s unless told. */
  readonly pushTimeoutMs?: number;
  /** How long a request body may bring less than 4 KiB; 30 s unless told. */
  readonly slowBodyMs?: number;
  /** When small objects and packs are put together. */
  readonly packing?: Partial<PackingLimits>;
}

/**
 * `Repositories` as bare repositories at `<root>/<organization>/<name>.git`. Commits are written here, in Git's format; pushes and
 * fetches are served by real Git processes with an environment of ours alone. See the README beside this file for the invariants.
 */
export function createBareGitRepositories(options: BareGitRepositoriesOptions): Repositories {
  const { root, clock } = options;
  const logger = options.logger.child({ part: 'repositories' });
  const maxInputBytes = options.maxInputBytes ?? 100 * 1024 * 1024;
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const git = prepareGitEnvironment(root, options.git ?? 'git', maxInputBytes);
  const directoryOf = ({ organization, name }: RepositoryName) => join(root, organization, `${name}.git`);
  const ledger = createLedger(options.database);
  const delivery = createDelivery({ ledger, clock, logger });
  const locks = createLocks();
  const changed = (repository: RepositoryName) => packing.changed(repository);
  const movements = createMovements({
    ledger,
    delivery,
    judge: options.judge,
    clock,
    locks,
    directoryOf,
    changed,
  });
  const packing = createPacking({
    git,
    logger,
    directoryOf,
    own: movements.own,
    ...(options.packing ? { limits: options.packing } : {}),
  });
  const readers = createObjectReaders(git);
  const listings = createListingCache();
  const graph = createCommitGraph(git);
  const recent = createRecentObjects();
  const limits = {
    maxInputBytes,
    pushTimeoutMs: options.pushTimeoutMs ?? 120_000,
    fetchTimeoutMs: 600_000,
    slow: { slowMs: options.slowBodyMs ?? 30_000, leastBytes: 4096 },
  };
  let door: PullRequestDoor | undefined;
  const pullRequests = () => door;
  const smartHttp = createSmartHttp({ git, movements, ledger, logger, limits, directoryOf, pullRequests });
  let state: 'new' | 'started' | 'stopped' = 'new';

  const writable = () => {
    if (state !== 'started')
      throw new CatalystError(codes.Unavailable, 'The repositories are not open for changes.', {
        retry: 'later',
      });
  };
  const isThere = (repository: RepositoryName) =>
    isRepositoryName(repository) ? exists(join(directoryOf(repository), 'HEAD')) : Promise.resolve(false);

  async function listingOf(repository: RepositoryName, revision: string): Promise<Listing> {
    if (!isRevision(revision) || !(await isThere(repository))) throw notFound(repository);
    const key = `${fullName(repository)}:${revision}`;
    const listing = listings.get(key) ?? (await listTree(git, directoryOf(repository), revision));
    if (!listing)
      throw new CatalystError(codes.NotFound, `${fullName(repository)} has no revision ${revision}.`);
    listings.put(key, listing);
    return listing;
  }

  async function find(repository: RepositoryName, name: string, maxBytes: number) {
    const directory = directoryOf(repository);
    const known = recent.find(directory, name, maxBytes);
    return known ? known.found : readers.find(directory, name, maxBytes);
  }

  async function readFile(repository: RepositoryName, revision: string, path: string, maxBytes: number) {
    // A line break would end the question and start another one; `..` would end the process.
    if (!isRevision(revision) || !isPlainPath(path) || !(await isThere(repository))) return undefined;
    return toBlob(await find(repository, `${revision}:${path}`, maxBytes));
  }

  async function readBlob(repository: RepositoryName, blob: string): Promise<Uint8Array> {
    const content = toBlob(await find(repository, blob, maximumReadBytes));
    if (!content) throw new CatalystError(codes.Internal, `${fullName(repository)} lacks the file ${blob}.`);
    return content;
  }

  async function treeOf(repository: RepositoryName, revision: string, path: string) {
    if (!isRevision(revision) || !(path === '' || isPlainPath(path)) || !(await isThere(repository)))
      return undefined;
    const found = await find(repository, `${revision}:${path}`, maximumReadBytes);
    return found?.kind === 'tree' ? found.id : undefined;
  }

  async function setPullHead(repository: RepositoryName, number: number, revision: string) {
    if (!Number.isSafeInteger(number) || number < 1)
      throw new CatalystError(codes.Invalid, 'The number of a pull request is 1 or more.');
    await movements.own(repository, async () => {
      await listingOf(repository, revision);
      const directory = directoryOf(repository);
      const ref = `refs/pull/${number}/head`;
      await moveRef(directory, ref, (await readRef(directory, ref)) ?? noRevision, revision);
    });
  }

  const merging: MergeDeps = { git, graph, scratch: join(root, '.new'), directoryOf, listingOf, readBlob };
  const writing: WritingDeps = {
    root,
    movements,
    clock,
    directoryOf,
    listingOf,
    remember(repository, revision, { listing, objects }) {
      listings.put(`${fullName(repository)}:${revision}`, listing);
      recent.add(directoryOf(repository), objects);
    },
    readFile,
  };

  return {
    async start(sink, given) {
      if (state !== 'new') throw new CatalystError(codes.Internal, 'The repositories were started before.');
      await onDisk(async () => {
        for (const folder of ['.new', '.trash'])
          await rm(join(root, folder), { recursive: true, force: true });
        await movements.replay();
      });
      door = given;
      delivery.start(sink);
      state = 'started';
    },
    async stop() {
      state = 'stopped';
      await smartHttp.stop();
      await packing.stop();
      await delivery.stop();
      readers.close();
    },
    async create(request) {
      writable();
      return onDisk(() => create(writing, request));
    },
    async commit(request) {
      writable();
      return onDisk(() => commit(writing, request));
    },
    exists: (repository) => onDisk(() => isThere(repository)),
    list: (organization) => onDisk(() => listRepositories(root, organization)),
    async delete(repository) {
      writable();
      return onDisk(() =>
        movements.own(repository, async () => {
          if (!(await isThere(repository))) return false;
          await ledger.forget(repository);
          readers.close(directoryOf(repository));
          graph.forget(directoryOf(repository));
          recent.forget(directoryOf(repository));
          listings.forget(`${fullName(repository)}:`);
          await moveToTrash(root, directoryOf(repository));
          return true;
        }),
      );
    },
    async head(repository, branch) {
      const ref = `refs/heads/${branch}`;
      if (!isAcceptedRef(ref) || !(await onDisk(() => isThere(repository)))) return undefined;
      return onDisk(() => readRef(directoryOf(repository), ref));
    },
    files: async (repository, revision) => (await onDisk(() => listingOf(repository, revision))).files,
    read: (repository, revision, path) =>
      onDisk(() => readFile(repository, revision, path, maximumReadBytes)),
    merge: (request) => onDisk(() => merge(merging, request)),
    treeOf: (repository, revision, path) => onDisk(() => treeOf(repository, revision, path)),
    async contains(repository, revision, ancestor) {
      if (!isRevision(revision) || !isRevision(ancestor) || !(await onDisk(() => isThere(repository))))
        return false;
      return graph.isAncestor(directoryOf(repository), ancestor, revision);
    },
    wasHead: async (repository, branch, revision) =>
      (await ledger.pusherOf(repository, `refs/heads/${branch}`, revision)) !== undefined,
    async setPullHead(repository, number, revision) {
      writable();
      await onDisk(() => setPullHead(repository, number, revision));
    },
    async commitsBetween(repository, without, revision) {
      if (!(await onDisk(() => isThere(repository)))) return [];
      return readBetween({ git, graph, ledger }, directoryOf(repository), repository, {
        without: typeof without === 'string' ? [without] : without,
        revision,
      });
    },
    async history(repository, branch, how = {}) {
      if (!isAcceptedRef(`refs/heads/${branch}`) || !(await onDisk(() => isThere(repository)))) return [];
      return readHistory({ git, graph, ledger }, directoryOf(repository), repository, branch, how);
    },
    settled: delivery.settled,
    advertise: (exchange) => onDisk(() => smartHttp.advertise(exchange)),
    async exchange(exchange) {
      if (exchange.service === 'git-receive-pack') writable();
      return onDisk(() => smartHttp.exchange(exchange));
    },
  };
}

async function listRepositories(root: string, organization: string): Promise<string[]> {
  if (!isRepositoryName({ organization, name: 'any' }) || !(await exists(join(root, organization))))
    return [];
  return (await readdir(join(root, organization)))
    .filter((entry) => entry.endsWith('.git'))
    .map((entry) => entry.slice(0, -'.git'.length))
    .filter((name) => isRepositoryName({ organization, name }))
    .sort();
}

/** Gone by one rename; the rest of the work is never seen, and the next start finishes it. */
async function moveToTrash(root: string, directory: string): Promise<void> {
  const trash = join(root, '.trash');
  await mkdir(trash, { recursive: true, mode: 0o700 });
  const target = join(trash, randomBytes(12).toString('hex'));
  await rename(directory, target);
  await syncFolder(dirname(directory));
  await rm(target, { recursive: true, force: true });
}
