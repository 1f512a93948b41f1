import type { BackflowOffer } from '@catalyst/model/api/lanes.ts';
import {
  chooseOffers,
  contributes,
  type OwnChange,
  type OwnPath,
} from '@catalyst/model/promotion/backflow.ts';
import { type BranchState, returnedAnywhere, wentBack } from '@catalyst/model/promotion/went-back.ts';
import type { Database } from '../../../ports/database.ts';
import type { CommitInfo, Repositories, RepositoryName } from '../../../ports/repositories.ts';
import { appliedPlansTable } from '../../history/applied-plans.ts';
import type { Change } from '../../history/changes.ts';
import { toTitle } from '../../review/open.ts';
import { createKept } from './kept.ts';
import { fingerprintOf, type Pair, type Pairs } from './pairs.ts';
import type { Place, Places } from './places.ts';

/** A change of a higher Environment that is offered to a lower one, before it is asked what became of the offer. */
export interface Found {
  readonly from: Place & { readonly head: string };
  readonly to: Place & { readonly head: string };
  readonly paths: readonly OwnPath[];
  readonly fingerprint: string;
  /** Those that are shown; who made it is asked of all (`readMakers`). */
  readonly commits: BackflowOffer['commits'];
}

interface OwnDeps {
  readonly repositories: Repositories;
  readonly database: Database;
  readonly places: Pick<Places, 'movements'>;
  readonly pairs: Pairs;
}

type There = Place & { readonly head: string };

interface Wanted {
  readonly repository: RepositoryName;
  readonly from: There;
  readonly to: There;
  readonly paths: readonly string[];
}

const mostCommits = 10;
const mostSearched = 50;
const mostPaths = 20;
const isThere = (place: Place): place is There => place.head !== undefined;

/** Finds what higher Environments have of their own. */
export function createOwnChanges({ repositories, database, places, pairs }: OwnDeps) {
  const backs = createKept<boolean>(2_000);
  const commits = createKept<Found['commits']>(1_000);

  async function takesBack({ planId }: Change): Promise<boolean> {
    const plan = planId === undefined ? undefined : await database.table(appliedPlansTable).get(planId);
    return plan?.action === 'rollback' || plan?.action === 'undo';
  }

  /** Newest first; what is older than `base` is not looked at one by one, because nothing older has it. */
  async function statesOf(
    repository: RepositoryName,
    head: string,
    base: string,
    movements: readonly Change[],
  ): Promise<BranchState[]> {
    const known = movements[0]?.revision === head ? movements : [undefined, ...movements];
    const revisions = known.map((change) => change?.revision ?? head);
    const states = await Promise.all(
      known.map(async (change, index) => ({
        tree: await repositories.treeOf(repository, revisions[index] ?? head, 'base'),
        takesBack: change !== undefined && (await takesBack(change)),
      })),
    );
    // Each question about the history is a process of Git: most branches never went back at all.
    if (!returnedAnywhere(states)) return [];
    let [first, end] = [0, revisions.length];
    while (first < end) {
      const middle = (first + end) >> 1;
      if (await repositories.contains(repository, revisions[middle] ?? head, base)) first = middle + 1;
      else end = middle;
    }
    return states.map((state, index) => ({ ...state, arrived: index < first }));
  }

  async function isBack(
    repository: RepositoryName,
    { environment, head, content }: There,
    { base, ownPaths }: Pair,
  ): Promise<boolean> {
    if (base === null || !ownPaths.some(({ path }) => path.startsWith('base/'))) return false;
    // A rollback leaves a hold that names the tree which was left.
    if (content.installed?.declaration.holds?.some(({ tree }) => tree !== undefined)) return true;
    const key = `${environment}/${repository.name}/${head}/${base}`;
    const movements = await places.movements(environment, repository.name);
    // Rows follow the head at some distance: what they do not tell yet is asked again.
    if (movements[0]?.revision !== head) backs.drop(key);
    const found = await backs.get(key, async () =>
      wentBack(await statesOf(repository, head, base, movements)),
    );
    if (movements[0]?.revision !== head) backs.drop(key);
    return found;
  }

  async function linesAt(repository: RepositoryName, revision: string, path: string): Promise<string[]> {
    const content = await repositories.read(repository, revision, path);
    return content ? new TextDecoder().decode(content).split('\n') : [];
  }

  /** Whether the higher one still has something of what a commit did to a path, and the lower one lacks it. */
  async function adds({ repository, from, to }: Wanted, commit: CommitInfo, path: string): Promise<boolean> {
    const [parent = ''] = commit.parents;
    const [before = [], after = [], higher = [], lower = []] = await Promise.all(
      [parent, commit.revision, from.head, to.head].map((at) => linesAt(repository, at, path)),
    );
    return contributes({ before, after }, new Set(higher), new Set(lower));
  }

  /** Commits of the higher one without which the lower one would lack less, newest first. */
  async function hotfixes(wanted: Wanted): Promise<Found['commits']> {
    const { repository, from, to } = wanted;
    const between = await repositories.commitsBetween(repository, to.head, from.head);
    const paths = wanted.paths.slice(0, mostPaths);
    const made: CommitInfo[] = [];
    for (const commit of between.filter(({ parents }) => parents.length === 1).slice(0, mostSearched)) {
      const touched = await Promise.all(paths.map((path) => adds(wanted, commit, path)));
      if (touched.includes(true)) made.push(commit);
      if (made.length === mostCommits) break;
    }
    return made.map(({ revision, message, author, pusher, time }) => ({
      revision,
      subject: toTitle(message.split('\n', 1)[0] ?? ''),
      by: pusher?.name ?? author.name,
      time,
    }));
  }

  async function toFound(wanted: Omit<Wanted, 'paths'>, paths: readonly OwnPath[]): Promise<Found> {
    const { repository, from, to } = wanted;
    const fingerprint = fingerprintOf(paths);
    // The same change lacks in the lower one, whatever else moved there: the same commits made it.
    const key = `${repository.organization}/${repository.name}/${from.head}/${to.environment}/${fingerprint}`;
    const names = paths.map(({ path }) => path);
    const shown = await commits.get(key, () => hotfixes({ ...wanted, paths: names }));
    return { from, to, paths, fingerprint, commits: shown };
  }

  /** Those whose content a nearer one has are left out: the same change would be offered from there. */
  async function withoutSame(repository: RepositoryName, higher: readonly There[]): Promise<There[]> {
    const seen = new Set<string>();
    const contents = await Promise.all(higher.map(({ head }) => pairs.carried(repository, head)));
    return higher.filter((_place, index) => {
      const content = contents[index] ?? '';
      const known = seen.has(content);
      seen.add(content);
      return !known;
    });
  }

  /** For each lower Environment what the higher ones changed first and it lacks. */
  return async (repository: RepositoryName, lane: readonly Place[]): Promise<Found[]> => {
    const present = lane.filter(isThere).filter(({ content }) => content.installed !== undefined);
    const offersTo = async (to: There, index: number): Promise<Found[]> => {
      const higher = await withoutSame(repository, present.slice(index + 1));
      const changes = await Promise.all(
        higher.map(async (from): Promise<OwnChange> => {
          const pair = await pairs.read({ repository, lower: to.head, higher: from.head });
          const back = await isBack(repository, from, pair);
          return { from: from.environment, paths: pair.ownPaths, back };
        }),
      );
      return Promise.all(
        chooseOffers(changes).flatMap(({ from: name, paths }) => {
          const from = higher.find(({ environment }) => environment === name);
          return from ? [toFound({ repository, from, to }, paths)] : [];
        }),
      );
    };
    return (await Promise.all(present.map(offersTo))).flat();
  };
}

/** See `createOwnChanges`. */
export type FindOwnChanges = ReturnType<typeof createOwnChanges>;
