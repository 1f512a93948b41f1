import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { CatalystError } from '@catalyst/model/problem.ts';
import { isAlive, type ProcessIdentity, processIdentity } from './process-identity.ts';

/** What a data folder remembers of its Sovereign. */
export interface Settings {
  /** Eight hexadecimal digits; part of the names of everything outside the folder. */
  readonly sovereignId: string;
  readonly port: number;
  readonly host: string;
  /** RFC 3339 */
  readonly createdAt: string;
}

/** Who holds a data folder. */
export interface Holder extends ProcessIdentity {
  readonly since: string;
}

/** Writes a small file so that a power cut leaves the old or the new one. */
export function writeFileDurably(path: string, text: string, mode = 0o600): void {
  const partial = `${path}.${process.pid}.partial`;
  const file = openSync(partial, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Settings of an existing data folder; undefined where there is none yet. */
export function readSettings(directory: string): Settings | undefined {
  return readJson<Settings>(join(directory, 'settings.json'));
}

/** Writes the settings of a new data folder. */
export function writeSettings(directory: string, settings: Settings): void {
  writeFileDurably(join(directory, 'settings.json'), `${JSON.stringify(settings, null, 2)}\n`);
}

/** The living process that holds the folder, if any. */
export function findHolder(directory: string): Holder | undefined {
  const holder = readJson<Holder>(join(directory, 'lock'));
  return holder && isAlive(holder) ? holder : undefined;
}

/**
 * Takes the folder for this process, or throws `Held` and says who has it. A lock whose process is gone is taken over. Returns
 * what gives it back.
 */
export function lockFolder(directory: string, now: Date): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'lock');
  const holder = findHolder(directory);
  if (holder)
    throw new CatalystError(
      'Held',
      `The data folder ${directory} is held by process ${holder.pid}, since ${holder.since}. Stop it with ./catalyst down, or use another folder (--data).`,
    );
  rmSync(path, { force: true });
  const own: Holder = { ...processIdentity(process.pid), since: now.toISOString() };
  try {
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, JSON.stringify(own));
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new CatalystError('Held', `The data folder ${directory} was taken by another process just now.`, {
        cause: error,
      });
    throw error;
  }
  return () => rmSync(path, { force: true });
}
