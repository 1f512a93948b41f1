import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodSpec, ServiceRule } from './pod-runtime.ts';

/** What the packet filter and the name files of one Environment are made from. */
export interface EnvironmentState {
  readonly environment: string;
  /** `10.88.3.0/24`; undefined until the network exists. */
  readonly subnet?: string;
  readonly bridge?: string;
  readonly rules: readonly ServiceRule[];
  /** By Application, from its newest Pod. */
  readonly selfHosts: Readonly<Record<string, PodSpec['selfHosts']>>;
  /** By `<application>/<service>`. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** State of the Environments, kept on disk so that a start restores the packet filter before anything else. */
export interface EnvironmentStates {
  load(): Promise<void>;
  all(): readonly EnvironmentState[];
  get(environment: string): EnvironmentState;
  /** Durable when it resolves. */
  put(state: EnvironmentState): Promise<void>;
  remove(environment: string): Promise<void>;
}

/** Keeps one JSON file per Environment in `folder`; an unreadable one counts as empty, for everything in it comes again. */
export function createEnvironmentStates(folder: string): EnvironmentStates {
  const states = new Map<string, EnvironmentState>();
  const path = (environment: string) => join(folder, `${environment}.json`);
  return {
    load: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const name of await readdir(folder)) {
        if (!name.endsWith('.json')) continue;
        const environment = name.slice(0, -'.json'.length);
        const state = await readState(join(folder, name), environment);
        if (state) states.set(environment, state);
      }
    },
    all: () => [...states.values()],
    get: (environment) => states.get(environment) ?? { environment, rules: [], selfHosts: {}, addresses: {} },
    put: async (state) => {
      await writeDurably(folder, path(state.environment), JSON.stringify(state));
      states.set(state.environment, state);
    },
    remove: async (environment) => {
      states.delete(environment);
      await rm(path(environment), { force: true });
    },
  };
}

async function readState(path: string, environment: string): Promise<EnvironmentState | undefined> {
  try {
    const state = JSON.parse(await readFile(path, 'utf8')) as EnvironmentState;
    return state.environment === environment && Array.isArray(state.rules) ? state : undefined;
  } catch {
    return undefined;
  }
}

async function writeDurably(folder: string, path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const parent = await open(folder, 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}
