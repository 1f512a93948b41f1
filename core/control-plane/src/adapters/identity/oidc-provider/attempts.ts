import type { Clock } from '../../../ports/clock.ts';

/** Counts sign-in attempts in memory, bounded: the oldest of 20,000 counters is forgotten first. */
export interface Attempts {
  /** Counts one attempt; answers until when (milliseconds since the epoch) further ones are refused, if this one is. */
  begin(account: string, address: string): number | undefined;
  /** The attempt was right: the account's own counters start again. */
  succeed(account: string, address: string): void;
}

interface Counter {
  count: number;
  until: number;
}

const windowMs = 15 * 60_000;
const limits = { pair: 8, account: 50, address: 60 } as const;
const maxCounters = 20_000;

/**
 * Three limits within 15 minutes: 8 attempts on one account from one address, 50 on one account from anywhere, 60 from one
 * address. The account's own limit is the wide one, so that a stranger cannot easily lock its owner out.
 */
export function createAttempts({ clock }: { clock: Clock }): Attempts {
  const counters = new Map<string, Counter>();

  function counterOf(key: string): Counter {
    const now = clock.now();
    const known = counters.get(key);
    if (known && known.until > now) return known;
    counters.delete(key);
    const fresh = { count: 0, until: now + windowMs };
    counters.set(key, fresh);
    if (counters.size > maxCounters) {
      const oldest = counters.keys().next();
      if (!oldest.done) counters.delete(oldest.value);
    }
    return fresh;
  }

  const keys = (account: string, address: string) =>
    [
      [`pair ${account} ${address}`, limits.pair],
      [`account ${account}`, limits.account],
      [`address ${address}`, limits.address],
    ] as const;

  return {
    begin(account, address) {
      const entries = keys(account, address).map(([key, limit]) => ({ counter: counterOf(key), limit }));
      const blocked = entries.filter(({ counter, limit }) => counter.count >= limit);
      if (blocked.length > 0) return Math.max(...blocked.map(({ counter }) => counter.until));
      for (const { counter } of entries) counter.count += 1;
      return undefined;
    },
    succeed(account, address) {
      counters.delete(`pair ${account} ${address}`);
      counters.delete(`account ${account}`);
      const shared = counters.get(`address ${address}`);
      if (shared) shared.count = Math.max(0, shared.count - 1);
    },
  };
}
