import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** A disk that refuses at times. */
export interface FailingDisk {
  /** Times that a folder could not be opened. */
  readonly refusals: number;
  /** Mends it. */
  mend(): void;
}

/** Makes every opening of a path that ends like this fail in this process, as a disk does that is broken. */
export function failOpening(end: string): FailingDisk {
  const { promises } = fs;
  const { open } = promises;
  let refusals = 0;
  promises.open = async (...args) => {
    if (!String(args[0]).endsWith(end)) return open(...args);
    refusals += 1;
    throw Object.assign(new Error(`EIO: i/o error, open '${args[0]}'`), { code: 'EIO', syscall: 'open' });
  };
  syncBuiltinESMExports();
  return {
    get refusals() {
      return refusals;
    },
    mend() {
      promises.open = open;
      syncBuiltinESMExports();
    },
  };
}
