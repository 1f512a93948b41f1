import type { BackflowOffer } from '@catalyst/model/api/lanes.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import type { Database } from '../../../ports/database.ts';
import type { RepositoryName } from '../../../ports/repositories.ts';
import type { Reviews } from '../../../ports/reviews.ts';
import { declinedKey, toOffer, withOutcome } from './backflow-offers.ts';
import { readDeclined, type WatchedBackflow, watchedBackflowTable } from './backflow-rows.ts';
import type { FindOwnChanges } from './own-changes.ts';
import type { Places } from './places.ts';

/** Offers of an Organization that wait for somebody. */
export interface OpenOffers {
  readonly items: readonly BackflowOffer[];
  /** Some Applications that moved lately are looked at when it is asked the next time. */
  readonly more: boolean;
}

interface OpenOffersDeps {
  readonly database: Database;
  readonly reviews: Pick<Reviews, 'list'>;
  readonly places: Places;
  readonly findOwnChanges: FindOwnChanges;
}

const mostWatched = 1_000;
const mostLookedAt = 10;
const mostItems = 200;

/**
 * Answers from rows; only Applications whose branches moved since are looked at anew, at most 10 at once. What it costs follows what
 * changed, not how many Applications there are.
 */
export function createOpenOffers({ database, reviews, places, findOwnChanges }: OpenOffersDeps) {
  const table = database.table(watchedBackflowTable);

  async function lookAt(row: WatchedBackflow): Promise<WatchedBackflow> {
    const repository: RepositoryName = { organization: row.organization, name: row.application };
    const lane = await places.read(repository);
    const declined = await readDeclined(database, repository);
    const offers = lane
      ? (await findOwnChanges(repository, lane))
          .map((found) => toOffer(row.application, found))
          .filter(({ to, fingerprint }) => !declined.has(declinedKey(repository, to, fingerprint)))
      : [];
    const seen = { ...row, offers, seen: row.moved };
    await database.transaction(async (tables) => {
      const present = await tables.table(watchedBackflowTable).get(row.id);
      // What moved meanwhile is looked at the next time.
      if (present?.moved !== row.moved) return;
      if (offers.length === 0) await tables.table(watchedBackflowTable).delete(row.id);
      else await tables.table(watchedBackflowTable).put(seen);
    });
    return seen;
  }

  return async (organization: string): Promise<OpenOffers> => {
    const rows = await table.list({ where: { organization }, limit: mostWatched });
    const moved = rows.filter((row) => row.seen !== row.moved);
    const looked = new Map<string, WatchedBackflow>();
    for (const row of moved.slice(0, mostLookedAt)) looked.set(row.id, await lookAt(row));
    const offers = rows.flatMap((row) => (looked.get(row.id) ?? row).offers);
    if (offers.length === 0) return { items: [], more: moved.length > mostLookedAt };
    const open = await reviews.list({ organization, state: 'open', limit: 200 });
    const items = offers.filter((offer) => {
      const [from, to] = [parseEnvironmentName(offer.from), parseEnvironmentName(offer.to)];
      if (!from || !to) return false;
      const types = { from: from.envType, to: to.envType };
      return withOutcome(offer, types, open, undefined).pullRequest === undefined;
    });
    return {
      items: items.slice(0, mostItems),
      more: moved.length > mostLookedAt || items.length > mostItems || rows.length === mostWatched,
    };
  };
}
