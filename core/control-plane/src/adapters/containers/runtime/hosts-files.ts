import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import type { EnvironmentState } from './environment-state.ts';
import { checkLabel, checkSubdomain } from './identity.ts';

const marker = '# Services of the Environment; kept up to date by Catalyst\n';

/** The `/etc/hosts` of Pods: one file per Pod, rewritten in place because containers hold the file itself. */
export interface HostsFiles {
  path(environment: string, application: string, pod: string): string;
  /** Whether the file of a Pod has been written. */
  has(environment: string, application: string, pod: string): Promise<boolean>;
  /** Writes the file of a new Pod with its own address. */
  create(
    pod: { application: string; pod: string; hostname: string; address: string },
    state: EnvironmentState,
  ): Promise<void>;
  /** Rewrites the Services' part in the files of all Pods of an Environment. */
  update(state: EnvironmentState): Promise<void>;
  remove(environment: string, application: string, pod: string): Promise<void>;
  removeEnvironment(environment: string): Promise<void>;
}

/** Keeps the files below `folder` as `<environment>/<application>/<pod>`. */
export function createHostsFiles(folder: string): HostsFiles {
  const path = (environment: string, application: string, pod: string) =>
    join(
      folder,
      checkLabel('Environment', environment),
      checkLabel('Application', application),
      checkLabel('Pod', pod),
    );
  return {
    path,
    has: async (environment, application, pod) => {
      const found = await stat(path(environment, application, pod)).catch(() => undefined);
      return found?.isFile() === true && found.size > 0;
    },
    create: async ({ application, pod, hostname, address }, state) => {
      const file = path(state.environment, application, pod);
      await mkdir(join(folder, state.environment, application), { recursive: true, mode: 0o700 });
      const head = `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${address}\t${hostname}\n`;
      // The engine makes a folder where it is told to mount a file that is missing.
      if ((await stat(file).catch(() => undefined))?.isDirectory()) await rm(file, { recursive: true });
      await writeInPlace(file, head + marker + renderNames(application, state));
    },
    update: async (state) => {
      for (const application of await names(join(folder, state.environment))) {
        const services = renderNames(application, state);
        for (const pod of await names(join(folder, state.environment, application))) {
          const file = join(folder, state.environment, application, pod);
          const present = await readFile(file, 'utf8').catch(() => undefined);
          const end = present?.indexOf(marker) ?? -1;
          if (present === undefined || end < 0) continue;
          const wanted = present.slice(0, end) + marker + services;
          if (wanted !== present) await writeInPlace(file, wanted);
        }
      }
    },
    remove: (environment, application, pod) =>
      rm(path(environment, application, pod), { recursive: true, force: true }),
    removeEnvironment: (environment) =>
      rm(join(folder, checkLabel('Environment', environment)), { recursive: true, force: true }),
  };
}

async function names(path: string): Promise<string[]> {
  return readdir(path).catch(() => []);
}

async function writeInPlace(path: string, text: string): Promise<void> {
  // One write of the new text before the file is cut: a reader never meets an empty file.
  const file = await open(path, 'r+').catch(async () => {
    await writeFile(path, '', { mode: 0o644 });
    return open(path, 'r+');
  });
  try {
    const bytes = Buffer.from(text);
    await file.write(bytes, 0, bytes.length, 0);
    await file.truncate(bytes.length);
  } finally {
    await file.close();
  }
}

/** What an Application may call by name: its own Services shortly, all of the Environment with the Application, and itself. Pure. */
export function renderNames(application: string, state: EnvironmentState): string {
  const lines: string[] = [];
  const add = (address: string, hosts: readonly string[]) => {
    if (isIPv4(address)) lines.push(`${address}\t${hosts.join(' ')}\n`);
  };
  for (const rule of state.rules) {
    const own = rule.application === application;
    const hosts = serviceNames(rule.service, rule.application, own);
    const addresses = rule.headless
      ? new Set(rule.ports.flatMap((port) => port.endpoints.map((endpoint) => endpoint.address)))
      : [rule.address];
    for (const address of addresses) add(address, hosts);
    for (const { name, address } of rule.hostNames)
      add(address, serviceNames(checkSubdomain('Host name', name), rule.application, own));
  }
  for (const { host, address } of state.selfHosts[application] ?? [])
    add(address, [checkSubdomain('Host', host)]);
  return lines.join('');
}

function serviceNames(service: string, application: string, own: boolean): string[] {
  const full = `${checkSubdomain('Service', service)}.${checkLabel('Application', application)}`;
  return [...(own ? [service] : []), full, `${full}.svc`, `${full}.svc.cluster.local`];
}
