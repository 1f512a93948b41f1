import type { AcceptBackflow, DeclineBackflow, Lane } from '@catalyst/model/api/lanes.ts';
import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { RefUpdated } from '@catalyst/model/events/cloud-event.ts';
import { envTypeOfBranch } from '@catalyst/model/names.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { RepositoryName } from '../../ports/repositories.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Organizations } from '../organization-controller/organizations.ts';
import { toSummary } from '../review/detail.ts';
import type { GateDeps } from '../review/gates.ts';
import { nameOf, type ReviewDeps } from '../review/review-context.ts';
import { acceptBackflow } from './lane/accept-backflow.ts';
import { declinedKey, findProposal } from './lane/backflow-offers.ts';
import { forgetBackflow, markMoved, targetOf, writeDeclined } from './lane/backflow-rows.ts';
import { createOpenOffers, type OpenOffers } from './lane/open-offers.ts';
import { createOwnChanges, type Found } from './lane/own-changes.ts';
import { createPairs } from './lane/pairs.ts';
import { createPlaces } from './lane/places.ts';
import { createReadLane } from './lane/read-lane.ts';

/** What lanes need. */
export interface LaneDeps extends GateDeps, Pick<ReviewDeps, 'database'> {
  readonly organizations: Pick<Organizations, 'environment' | 'environments'>;
  readonly catalog: Pick<Catalog, 'find'>;
  /** The card of an Application as it is shown now. */
  readonly viewOf: (environment: string, application: string) => ApplicationView | undefined;
}

/** The Environments of an Application side by side, and what a higher one changed first. Callers have authorised the actor. */
export interface Lanes {
  /** Undefined where there is no such repository. */
  read(organization: string, application: string): Promise<Lane | undefined>;
  /**
   * Proposes the change of a higher Environment to a lower one. Codes: `NotFound`, `NothingChanges`, `Conflict` (it does not go together
   * with what changed there, or an earlier state of it is proposed), those of opening a pull request.
   */
  accept(
    actor: Actor,
    of: { readonly organization: string; readonly application: string },
    request: AcceptBackflow,
  ): Promise<Result<PullRequestSummary>>;
  /** Durable; the same change is not offered again. Codes: `NotFound`, `NothingChanges`, `Stale` (another change), `Conflict` (proposed). */
  decline(
    actor: Actor,
    of: { readonly organization: string; readonly application: string },
    request: DeclineBackflow,
  ): Promise<Result<void>>;
  /** Offers that nobody has accepted or declined, of every Application. Bounded. */
  openBackflowOffers(organization: string): Promise<OpenOffers>;
  /** Call it with every moved ref. */
  moved(update: RefUpdated): Promise<void>;
  /** Forgets an Organization that is deleted. Idempotent. */
  forget(organization: string): Promise<void>;
}

const noLane: Problem = {
  code: codes.NotFound,
  message: 'There is no such Application, or you may not see it.',
};

/** Creates the service over Git, rows and the read model. */
export function createLanes(deps: LaneDeps): Lanes {
  const { repositories, database } = deps;
  const places = createPlaces(deps);
  const pairs = createPairs(repositories);
  const findOwnChanges = createOwnChanges({ repositories, database, places, pairs });
  const readLane = createReadLane({ ...deps, places, pairs, findOwnChanges });
  const openOffers = createOpenOffers({ ...deps, places, findOwnChanges });

  async function find(repository: RepositoryName, { from, to }: AcceptBackflow): Promise<Result<Found>> {
    const lane = await places.read(repository);
    if (!lane) return refused(noLane);
    for (const [field, name] of [
      ['from', from],
      ['to', to],
    ] as const)
      if (!lane.some(({ environment }) => environment === name))
        return refused({
          code: codes.NotFound,
          field,
          message: `There is no Environment "${name}" in ${repository.organization}.`,
        });
    const found = (await findOwnChanges(repository, lane)).find(
      (one) => one.from.environment === from && one.to.environment === to,
    );
    return found
      ? ok(found)
      : refused({
          code: 'NothingChanges',
          field: 'from',
          message: `${from} has no change of its own to bring to ${to}: it is there already, a nearer Environment offers it, or a rollback made it.`,
        });
  }

  return {
    read: (organization, application) => readLane({ organization, name: application }),

    async accept(actor, { organization, application }, request) {
      const repository = { organization, name: application };
      const found = await find(repository, request);
      if (!found.ok) return found;
      const opened = await acceptBackflow({ ...deps, pairs }, actor, repository, found.value);
      return opened.ok ? ok(toSummary(opened.value)) : opened;
    },

    async decline(actor, { organization, application }, request) {
      const repository = { organization, name: application };
      const reason = request.reason.replace(/\s+/gu, ' ').trim();
      if (reason === '')
        return refused({ code: codes.Invalid, field: 'reason', message: 'Say why it is not wanted there.' });
      const found = await find(repository, request);
      if (!found.ok) return found;
      const { from, to, fingerprint } = found.value;
      if (fingerprint !== request.fingerprint)
        return refused({
          code: 'Stale',
          field: 'fingerprint',
          message: `The change of ${request.from} is another one by now. Look at it again.`,
        });
      const open = await deps.reviews.list({ repository, state: 'open', limit: 200 });
      const key = { repository: application, from: from.envType, to: to.envType, fingerprint };
      const proposal = findProposal(open, key);
      if (proposal?.same)
        return refused({
          code: codes.Conflict,
          field: 'fingerprint',
          message: `${nameOf(proposal.pullRequest)} proposes it. Close that first.`,
        });
      await writeDeclined(database, {
        id: declinedKey(repository, to.environment, fingerprint),
        target: targetOf(repository),
        organization,
        from: from.environment,
        to: to.environment,
        fingerprint,
        reason,
        by: { id: actor.id, name: actor.name },
        at: new Date(deps.clock.now()).toISOString(),
      });
      return ok(undefined);
    },

    openBackflowOffers: openOffers,

    async moved({ organization, repository: name, ref }) {
      if (envTypeOfBranch(ref.replace(/^refs\/heads\//, '')) === undefined) return;
      await database.transaction((tables) => markMoved(tables, { organization, name }));
    },

    forget: (organization) => forgetBackflow(database, organization),
  };
}
