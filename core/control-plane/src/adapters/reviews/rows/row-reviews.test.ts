import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../ports/clock.ts';
import { reviewsContract } from '../../../ports/reviews.contract.ts';
import { createSqliteDatabase } from '../../database/sqlite/sqlite-database.ts';
import { createRowReviews } from './row-reviews.ts';

const clock: Clock = { now: () => Date.now(), sleep: async () => {} };

reviewsContract('rows', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-reviews-'));
  const path = join(directory, 'database.sqlite');
  let database = createSqliteDatabase({ path });
  return {
    reviews: createRowReviews({ database, clock }),
    async reopen() {
      await database.close();
      database = createSqliteDatabase({ path });
      return createRowReviews({ database, clock });
    },
    async dispose() {
      await database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
});
