import { lookup as resolveName } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { blockedMessage, mayReach } from '@catalyst/model/webhook/check-url.ts';

/** An address that a name stands for. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Asks for the addresses of a name. */
export type Resolver = (name: string) => Promise<readonly ResolvedAddress[]>;

/** Thrown into a connection that may not be made. */
export class BlockedAddress extends Error {
  constructor() {
    super(blockedMessage);
  }
}

/** The machine's own resolver. */
export const systemResolver: Resolver = (name) => resolveName(name, { all: true, verbatim: true });

/** Decides about addresses: public, or allowed, and none of this machine's own. */
export function createAddressGuard(allowPrivate: boolean): (address: string) => boolean {
  return (address) => mayReach(address, allowPrivate) && (allowPrivate || !isOwn(address));
}

/** A machine may have public addresses too; what listens there is as much its own. Asked each time, because they change. */
function isOwn(address: string): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some((entry) => entry.address === address));
}

/**
 * The look-up of a connection: hands over only addresses that the guard lets pass, so that what was checked is what is connected to. A
 * name that also stands for something else is refused as a whole: nobody needs one that is half inside.
 */
export function createGuardedLookup(resolve: Resolver, guard: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        if (found.length > 0 && !found.every(({ address }) => guard(address)))
          return callback(new BlockedAddress(), []);
        const [first] = found;
        if (!first) return callback(new Error('the name has no address'), []);
        return options.all ? callback(null, [...found]) : callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), []),
    );
  };
}
