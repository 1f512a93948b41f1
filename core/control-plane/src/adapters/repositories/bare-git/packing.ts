import { join } from 'node:path';
import type { Logger } from '../../../ports/logger.ts';
import type { RepositoryName } from '../../../ports/repositories.ts';
import type { GitEnvironment } from './git-environment.ts';
import { runGit } from './git-process.ts';
import { fullName } from './ledger.ts';
import { exists, listFolder } from './storage.ts';

/** From when on a repository is packed. */
export interface PackingLimits {
  /** 2,000 unless told. */
  readonly looseObjects: number;
  /** 40 unless told. */
  readonly packs: number;
  /** How many changes pass between two looks; 64 unless told. */
  readonly changes: number;
}

const usual: PackingLimits = { looseObjects: 2_000, packs: 40, changes: 64 };
const timeoutMs = 60_000;

/** Puts many small objects and packs of a busy repository into few larger packs; one repository at a time. */
export interface Packing {
  /** A ref of the repository has moved. Never waits. */
  changed(repository: RepositoryName): void;
  /** Waits for what is being packed. */
  stop(): Promise<void>;
}

/** What it is made of. */
export interface PackingDeps {
  readonly git: GitEnvironment;
  readonly logger: Logger;
  readonly limits?: Partial<PackingLimits>;
  readonly directoryOf: (repository: RepositoryName) => string;
  /** Runs work while nobody else changes the repository. */
  readonly own: (repository: RepositoryName, work: () => Promise<void>) => Promise<void>;
}

/**
 * Makes it. Packs grow by powers of two, so a change is packed anew as often as the logarithm of what follows it. Nothing is
 * ever dropped: what no ref holds stays as it is, because somebody may be about to refer to it.
 */
export function createPacking(deps: PackingDeps): Packing {
  const limits = { ...usual, ...deps.limits };
  const changes = new Map<string, number>();
  let stopped = false;
  let running = Promise.resolve();

  async function pack(repository: RepositoryName): Promise<void> {
    const directory = deps.directoryOf(repository);
    if (stopped || !(await exists(join(directory, 'HEAD'))) || !(await isScattered(directory, limits)))
      return;
    const { status, stderr } = await runGit(
      deps.git,
      directory,
      ['repack', '-d', '-q', '-l', '--geometric=2'],
      {
        timeoutMs,
      },
    );
    if (status !== 0) deps.logger.warn({ repository, stderr }, 'a repository could not be packed');
  }

  return {
    changed(repository) {
      const name = fullName(repository);
      const count = (changes.get(name) ?? 0) + 1;
      changes.set(name, count % limits.changes);
      if (count !== 1 || stopped) return;
      running = running
        .then(() => deps.own(repository, () => pack(repository)))
        .catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          deps.logger.warn({ repository, reason }, 'a repository could not be packed');
        });
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}

async function isScattered(directory: string, limits: PackingLimits): Promise<boolean> {
  const packs = (await listFolder(join(directory, 'objects/pack'))).filter((name) => name.endsWith('.pack'));
  if (packs.length > limits.packs) return true;
  let loose = 0;
  for (const folder of await listFolder(join(directory, 'objects')))
    if (folder.length === 2) loose += (await listFolder(join(directory, 'objects', folder))).length;
  return loose > limits.looseObjects;
}
