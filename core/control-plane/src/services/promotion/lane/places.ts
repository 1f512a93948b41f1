import { basePaths, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { branchOf, type EnvType } from '@catalyst/model/names.ts';
import { inPromotionOrder } from '@catalyst/model/promotion/order.ts';
import type { Database } from '../../../ports/database.ts';
import type { Repositories, RepositoryName } from '../../../ports/repositories.ts';
import { type Change, changesTable } from '../../history/changes.ts';
import type { Organizations } from '../../organization-controller/organizations.ts';
import { type Installed, toInstalled } from '../../provisioning/installed.ts';
import { createKept } from './kept.ts';

/** What one revision of a branch has for its Environment. A revision never changes. */
export interface RevisionContent {
  readonly installed: Installed | undefined;
  readonly baseTree: string | undefined;
}

/** An Environment of a lane, and where its branch is now. */
export interface Place {
  readonly environment: string;
  readonly displayName?: string;
  readonly envType: EnvType;
  readonly branch: string;
  /** Undefined: there is no such branch yet. */
  readonly head: string | undefined;
  readonly content: RevisionContent;
}

/** What places are read from. */
export interface PlaceDeps {
  readonly repositories: Repositories;
  readonly organizations: Pick<Organizations, 'environments'>;
  readonly database: Database;
}

const nothing: RevisionContent = { installed: undefined, baseTree: undefined };
const mostKeptBytes = 64 * 1024;
/** Movements of a branch that are looked at. */
const mostStates = 50;

/** Reads where the Application is in each Environment of its Organization, in the order of promotion. */
export function createPlaces({ repositories, organizations, database }: PlaceDeps) {
  const contents = createKept<RevisionContent>(1_000, ({ installed }) => sizeOf(installed) <= mostKeptBytes);

  async function readContent(
    repository: RepositoryName,
    scope: { readonly environment: string; readonly envType: EnvType },
    head: string,
  ): Promise<RevisionContent> {
    const { application, values } = overlayPaths(scope.envType);
    const paths = [basePaths.application, basePaths.values, application, values];
    const [baseTree, ...files] = await Promise.all([
      repositories.treeOf(repository, head, 'base'),
      ...paths.map((path) => repositories.read(repository, head, path)),
    ]);
    const bytes = new Map(
      files.flatMap((content, index) => (content ? [[paths[index] ?? '', content] as const] : [])),
    );
    const texts = Object.fromEntries(
      [...bytes].map(([path, file]) => [path, new TextDecoder().decode(file)]),
    );
    const where = { organization: repository.organization, ...scope };
    return { installed: toInstalled(where, repository.name, { head, bytes, texts }), baseTree };
  }

  async function placeOf(
    repository: RepositoryName,
    environment: { readonly name: string; readonly envType: EnvType; readonly displayName?: string },
  ): Promise<Place> {
    const { name, envType, displayName } = environment;
    const branch = branchOf(envType);
    const head = await repositories.head(repository, branch);
    const scope = { environment: name, envType };
    const key = `${name}/${repository.name}/${head}`;
    return {
      ...scope,
      ...(displayName === undefined ? {} : { displayName }),
      branch,
      head,
      content:
        head === undefined ? nothing : await contents.get(key, () => readContent(repository, scope, head)),
    };
  }

  return {
    /** Undefined where there is no repository. */
    async read(repository: RepositoryName): Promise<Place[] | undefined> {
      if (!(await repositories.exists(repository))) return undefined;
      const present = await organizations.environments(repository.organization);
      const specs = present.map(({ metadata, spec }) => ({ ...spec, name: metadata.name }));
      const ordered = inPromotionOrder(specs.map(({ envType }) => envType)).flatMap(
        (envType) => specs.find((spec) => spec.envType === envType) ?? [],
      );
      return Promise.all(ordered.map((environment) => placeOf(repository, environment)));
    },
    /** The latest movements of the branch, newest first, at most 50. They follow its head at some distance. */
    movements: (environment: string, application: string): Promise<Change[]> =>
      database
        .table(changesTable)
        .list({ where: { target: `${environment}/${application}` }, limit: mostStates }),
  };
}

function sizeOf(installed: Installed | undefined): number {
  return [...(installed?.branch.bytes.values() ?? [])].reduce((sum, { length }) => sum + length, 0);
}

/** See `createPlaces`. */
export type Places = ReturnType<typeof createPlaces>;
