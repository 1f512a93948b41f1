import type { BackflowOffer, Lane, LaneEnvironment, LaneStep } from '@catalyst/model/api/lanes.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { describeHold } from '@catalyst/model/projection/describe-hold.ts';
import { describeStep } from '@catalyst/model/promotion/lane-step.ts';
import { besideEachOther, diffSettings } from '@catalyst/model/promotion/settings-difference.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { RepositoryName } from '../../../ports/repositories.ts';
import type { PullRequest } from '../../../ports/reviews.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { healthStatesTable } from '../../projector/health.ts';
import type { GateDeps } from '../../review/gates.ts';
import type { ReviewDeps } from '../../review/review-context.ts';
import { declinedKey, toOffer, withOutcome } from './backflow-offers.ts';
import { readDeclined } from './backflow-rows.ts';
import { createOpenPromotion } from './open-promotion.ts';
import type { FindOwnChanges } from './own-changes.ts';
import type { Pairs } from './pairs.ts';
import type { Place, Places } from './places.ts';

/** What a lane is read from. */
export interface ReadLaneDeps extends GateDeps, Pick<ReviewDeps, 'database'> {
  readonly catalog: Pick<Catalog, 'find'>;
  readonly viewOf: (environment: string, application: string) => ApplicationView | undefined;
  readonly places: Places;
  readonly pairs: Pairs;
  readonly findOwnChanges: FindOwnChanges;
}

const mostPaths = 200;

/** Reads the lane of an Application: Git and rows say what is where, the read model how it does. */
export function createReadLane(deps: ReadLaneDeps) {
  const openPromotion = createOpenPromotion(deps);

  /** Since when the branch has its `base/`: the oldest movement after which it was never another one. */
  async function sinceOf(
    repository: RepositoryName,
    { environment, content, head }: Place,
  ): Promise<string | undefined> {
    if (head === undefined || !content.installed) return undefined;
    let since: string | undefined;
    for (const { revision, at } of await deps.places.movements(environment, repository.name)) {
      if ((await deps.repositories.treeOf(repository, revision, 'base')) !== content.baseTree) break;
      since = at;
    }
    return since;
  }

  async function toEnvironment(repository: RepositoryName, place: Place): Promise<LaneEnvironment> {
    const { environment: name, envType, branch, head, displayName, content } = place;
    const view = deps.viewOf(name, repository.name);
    const [since, health] = await Promise.all([
      sinceOf(repository, place),
      deps.database.table(healthStatesTable).get(`${name}/${repository.name}`),
    ]);
    const declared = content.installed?.declaration;
    return {
      name,
      envType,
      branch,
      ...(displayName === undefined ? {} : { displayName }),
      ...(head === undefined ? {} : { head }),
      installed: declared !== undefined,
      ...(declared
        ? { blueprint: { name: declared.blueprint.name, version: declared.blueprint.version } }
        : {}),
      ...(since === undefined ? {} : { since }),
      ...(view ? { observed: observe(view, health?.state === view.state ? health.from : undefined) } : {}),
      holds: (declared?.holds ?? []).map((hold) => ({
        reason: hold.reason,
        ...(hold.by === undefined ? {} : { by: hold.by }),
        ...(hold.at === undefined ? {} : { at: hold.at }),
        message: describeHold(hold),
      })),
    };
  }

  function schemasOf({ organization }: RepositoryName, places: readonly Place[]): JsonObject[] {
    return places.flatMap(({ content }) => {
      const blueprint = content.installed?.declaration.blueprint;
      const viewer = { organizations: [organization] };
      const found = blueprint && deps.catalog.find(blueprint.name, blueprint.version, viewer);
      return found ? [found.blueprint.spec.configSchema as JsonObject] : [];
    });
  }

  function settingsOf(repository: RepositoryName, from: Place, to: Place): LaneStep['settings'] {
    const [source, destination] = [from.content.installed, to.content.installed];
    if (!source || !destination) return { base: [], overlays: [] };
    const schemas = schemasOf(repository, [from, to]);
    return {
      base: diffSettings(destination.values.baseValues, source.values.baseValues, schemas),
      overlays: besideEachOther(source.values.overlayValues, destination.values.overlayValues, schemas),
    };
  }

  async function toStep(
    repository: RepositoryName,
    [from, to]: readonly [Place, Place],
    open: readonly PullRequest[],
  ): Promise<LaneStep> {
    const names = { from: from.environment, to: to.environment };
    const settings = settingsOf(repository, from, to);
    const pullRequest = await openPromotion(open, from, to);
    const rest = { settings, ...(pullRequest ? { pullRequest } : {}) };
    const facts = {
      application: repository.name,
      ...names,
      source: from.content.installed !== undefined,
      destination: to.content.installed !== undefined,
    };
    const empty = { commits: 0, files: [], fileCount: 0, own: [], conflicts: [] };
    if (!facts.source || from.head === undefined)
      return { ...names, ...describeStep({ ...facts, ...empty }), ...empty, ...rest };
    if (to.head === undefined) {
      // Its branch is made by the first promotion; all that is carried is new there.
      const files = (await deps.repositories.files(repository, from.head))
        .filter(({ path }) => path.startsWith('base/'))
        .map(({ path }) => ({ path, change: 'create' as const }));
      const all = { ...empty, files: files.slice(0, mostPaths), fileCount: files.length };
      return { ...names, ...describeStep({ ...facts, ...all }), ...all, ...rest };
    }
    const key = { repository, lower: from.head, higher: to.head };
    const pair = await deps.pairs.read(key);
    const changes = pair.files.length + pair.conflicts.length > 0;
    const found = {
      commits: changes ? await deps.pairs.ahead(key) : 0,
      fileCount: pair.files.length,
      own: pair.own.slice(0, mostPaths),
      conflicts: pair.conflicts.slice(0, mostPaths),
    };
    const words =
      pair.problem === undefined
        ? describeStep({ ...facts, ...found })
        : { promotable: false, why: pair.problem };
    return { ...names, ...words, ...found, files: pair.files.slice(0, mostPaths), ...rest };
  }

  async function offersOf(
    repository: RepositoryName,
    places: readonly Place[],
    open: readonly PullRequest[],
  ): Promise<BackflowOffer[]> {
    const [found, declined] = await Promise.all([
      deps.findOwnChanges(repository, places),
      readDeclined(deps.database, repository),
    ]);
    return found.map((one) =>
      withOutcome(
        toOffer(repository.name, one),
        { from: one.from.envType, to: one.to.envType },
        open,
        declined.get(declinedKey(repository, one.to.environment, one.fingerprint)),
      ),
    );
  }

  return async (repository: RepositoryName): Promise<Lane | undefined> => {
    const places = await deps.places.read(repository);
    if (!places) return undefined;
    const open = await deps.reviews.list({ repository, state: 'open', limit: 200 });
    const neighbours = places.flatMap((place, index): [Place, Place][] => {
      const next = places[index + 1];
      return next ? [[place, next]] : [];
    });
    const [environments, steps, backflow] = await Promise.all([
      Promise.all(places.map((place) => toEnvironment(repository, place))),
      Promise.all(neighbours.map((pair) => toStep(repository, pair, open))),
      offersOf(repository, places, open),
    ]);
    return {
      organization: repository.organization,
      application: repository.name,
      environments,
      steps,
      backflow,
    };
  };
}

function observe(
  view: ApplicationView,
  stateSince: string | undefined,
): NonNullable<LaneEnvironment['observed']> {
  const { state, why, url, revision } = view;
  return {
    state,
    ...(why ? { why } : {}),
    ...(url === undefined ? {} : { url }),
    revision,
    ...(stateSince === undefined ? {} : { stateSince }),
  };
}
