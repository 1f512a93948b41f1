import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { CatalystError } from '@catalyst/model/problem.ts';

/** Hashes and checks passwords with scrypt. At most two run at once, so that a flood takes 64 MB and no more. */
export interface Passwords {
  /** A salted hash that carries its own parameters. Throws `Unavailable` when too many wait. */
  hash(password: string): Promise<string>;
  /** Takes as long for an unknown account (`stored` undefined) as for a known one. Throws `Unavailable` when too many wait. */
  verify(password: string, stored: string | undefined): Promise<boolean>;
}

interface Parameters {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

const current: Parameters = { logN: 15, r: 8, p: 3 };
const keyBytes = 32;
const maxWaiting = 64;

/** Makes the one gate through which every password of a process goes. */
export function createPasswords(options: { concurrency?: number } = {}): Passwords {
  const gate = createGate(options.concurrency ?? 2);
  const decoySalt = randomBytes(16);
  const decoyKey = randomBytes(keyBytes);

  return {
    hash: (password) =>
      gate(async () => {
        const salt = randomBytes(16);
        return format(current, salt, await derive(password, salt, current));
      }),
    verify: (password, stored) =>
      gate(async () => {
        const parsed = stored === undefined ? undefined : parse(stored);
        const { parameters, salt, key } = parsed ?? { parameters: current, salt: decoySalt, key: decoyKey };
        const same = timingSafeEqual(await derive(password, salt, parameters), key);
        return same && parsed !== undefined;
      }),
  };
}

function createGate(concurrency: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= concurrency) {
      if (waiting.length >= maxWaiting)
        throw new CatalystError('Unavailable', 'Too many people sign in right now. Try again in a minute.', {
          retry: 'later',
        });
      // The slot is handed over by the one that ends, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

function derive(password: string, salt: Buffer, parameters: Parameters): Promise<Buffer> {
  const { logN, r, p } = parameters;
  const options = { N: 2 ** logN, r, p, maxmem: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    // NFKC: the same password typed on two keyboards is the same password.
    scrypt(password.normalize('NFKC'), salt, keyBytes, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function format({ logN, r, p }: Parameters, salt: Buffer, key: Buffer): string {
  return ['scrypt', logN, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

function parse(stored: string): { parameters: Parameters; salt: Buffer; key: Buffer } | undefined {
  const [scheme, logN, r, p, salt, key] = stored.split('$');
  if (scheme !== 'scrypt' || !logN || !r || !p || !salt || !key) return undefined;
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.length !== keyBytes) return undefined;
  return {
    parameters: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: bytes,
  };
}
