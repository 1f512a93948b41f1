import { createHash } from 'node:crypto';
import { basePaths, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import type { EnvType } from '@catalyst/model/names.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';
import type { CommitInfo, Repositories, RepositoryName } from '../../ports/repositories.ts';

/** What a revision has under `base/`. A revision never changes. */
export interface RevisionFacts {
  readonly baseTree?: string;
  readonly blueprint?: { readonly name: string; readonly version: string; readonly digest: string };
}

const mostKept = 5_000;

/** Reads facts of revisions, and keeps those that were read lately. */
export interface RevisionReader {
  facts(repository: RepositoryName, revision: string): Promise<RevisionFacts>;
  /** Equal answers are equal `overlays/<env>/values.yaml`, byte for byte. */
  settings(repository: RepositoryName, revision: string, envType: EnvType): Promise<string>;
  /** Commits of a branch by revision; of those that are asked for, the ones among its newest 200 are sure to be there. */
  commits(
    repository: RepositoryName,
    branch: string,
    wanted: readonly string[],
  ): Promise<ReadonlyMap<string, CommitInfo>>;
}

/** The latest entries of a kind; the oldest are dropped. */
function createKept<T>(): { get(key: string): T | undefined; put(key: string, value: T): void } {
  const kept = new Map<string, T>();
  return {
    get: (key) => kept.get(key),
    put(key, value) {
      kept.set(key, value);
      const oldest = kept.size > mostKept ? kept.keys().next().value : undefined;
      if (oldest !== undefined) kept.delete(oldest);
    },
  };
}

/** Creates the reader. */
export function createRevisionReader(
  repositories: Pick<Repositories, 'exists' | 'read' | 'treeOf' | 'history'>,
): RevisionReader {
  const facts = createKept<RevisionFacts>();
  const settings = createKept<string>();
  const commits = createKept<CommitInfo>();
  const keyOf = ({ organization, name }: RepositoryName, revision: string) =>
    `${organization}/${name}/${revision}`;

  async function readFacts(repository: RepositoryName, revision: string): Promise<RevisionFacts> {
    const baseTree = await repositories.treeOf(repository, revision, 'base');
    const content = await repositories.read(repository, revision, basePaths.application);
    const parsed = content && parseYamlObject(new TextDecoder().decode(content), basePaths.application);
    const spec = parsed?.ok ? parsed.value['spec'] : undefined;
    const blueprint = toBlueprint(spec);
    return { ...(baseTree === undefined ? {} : { baseTree }), ...(blueprint ? { blueprint } : {}) };
  }

  return {
    async facts(repository, revision) {
      const key = keyOf(repository, revision);
      const known = facts.get(key);
      if (known) return known;
      const read = await readFacts(repository, revision);
      facts.put(key, read);
      return read;
    },
    async settings(repository, revision, envType) {
      const key = `${keyOf(repository, revision)}/${envType}`;
      const known = settings.get(key);
      if (known !== undefined) return known;
      const content = await repositories.read(repository, revision, overlayPaths(envType).values);
      const read = content ? createHash('sha256').update(content).digest('hex') : '';
      settings.put(key, read);
      return read;
    },
    async commits(repository, branch, wanted) {
      const missing = wanted.some((revision) => !commits.get(keyOf(repository, revision)));
      if (missing && (await repositories.exists(repository)))
        for (const commit of await repositories.history(repository, branch, { limit: 200 }))
          commits.put(keyOf(repository, commit.revision), commit);
      return new Map(
        wanted.flatMap((revision) => {
          const commit = commits.get(keyOf(repository, revision));
          return commit ? [[revision, commit]] : [];
        }),
      );
    },
  };
}

function toBlueprint(spec: unknown): RevisionFacts['blueprint'] {
  const blueprint = (spec as { blueprint?: Partial<Record<string, unknown>> } | undefined)?.blueprint;
  const { name, version, digest } = blueprint ?? {};
  return typeof name === 'string' && typeof version === 'string' && typeof digest === 'string'
    ? { name, version, digest }
    : undefined;
}
