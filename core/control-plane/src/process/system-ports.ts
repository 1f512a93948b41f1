import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../ports/clock.ts';
import type { SecretGenerator } from '../services/secret/ensure-secrets.ts';

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    await wait(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
  },
};

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** Cryptographically random secrets. Passwords avoid characters that are easily mistaken or need escaping. */
export const randomSecrets: SecretGenerator = {
  password: (length) => Array.from({ length }, () => letters[randomInt(letters.length)]).join(''),
  hex: (length) =>
    randomBytes(Math.ceil(length / 2))
      .toString('hex')
      .slice(0, length),
  uuid: () => randomUUID(),
};
