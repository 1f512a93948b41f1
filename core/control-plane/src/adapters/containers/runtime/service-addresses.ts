import { createHash } from 'node:crypto';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import { servicePool } from './filter-rules.ts';
import { ipText, rangeOf } from './networks.ts';

/**
 * The stable address for a Service: the one its names lead to, or the next free one of the pool. The same names give the same
 * address again on another day. Throws `Unavailable` when the pool is used up. Pure.
 */
export function chooseAddress(
  names: readonly [sovereign: string, environment: string, application: string, service: string],
  taken: ReadonlySet<string>,
): string {
  const pool = rangeOf(servicePool);
  if (!pool) throw new Error('The pool of Service addresses is not valid.');
  const size = pool.to - pool.from - 1;
  const start = createHash('sha256').update(names.join('/')).digest().readUInt32BE(0) % size;
  for (let step = 0; step < size; step++) {
    const address = ipText(pool.from + 1 + ((start + step) % size));
    if (!taken.has(address)) return address;
  }
  throw new CatalystError(codes.Unavailable, `No address is left in ${servicePool} for another Service.`);
}
