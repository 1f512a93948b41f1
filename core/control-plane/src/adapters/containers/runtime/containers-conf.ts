import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { hostLimits } from './host-limits.ts';

/** What of this host decides how Podman must be configured. */
export interface HostFacts {
  /** One unified hierarchy of control groups; `crun` refuses anything else. */
  readonly unifiedCgroups: boolean;
  readonly systemd: boolean;
  readonly runc: boolean;
  readonly netavark: boolean;
  readonly openFiles: number;
  readonly processes: number;
}

/** Reads the facts from this host. */
export function hostFacts(): HostFacts {
  const limits = hostLimits();
  return {
    unifiedCgroups: existsSync('/sys/fs/cgroup/cgroup.controllers'),
    systemd: existsSync('/run/systemd/system'),
    runc: findTool('runc') !== undefined,
    netavark: ['/usr/lib/podman/netavark', '/usr/libexec/podman/netavark'].some((path) => existsSync(path)),
    openFiles: limits.openFiles,
    processes: limits.processes,
  };
}

/** Path of a tool on PATH or in the system's folders. */
export function findTool(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Text of the `containers.conf` that our own Podman service runs with. Pure. */
export function renderContainersConf(facts: HostFacts): string {
  const files = `nofile=${facts.openFiles}:${facts.openFiles}`;
  const processes = `nproc=${facts.processes}:${facts.processes}`;
  const lines = [
    '[containers]',
    // Podman's own defaults may be higher than what this process may hand on.
    `default_ulimits=["${files}","${processes}"]`,
    // The host's proxy may carry credentials: nothing for containers.
    'http_proxy=false',
    '[engine]',
    'events_logger="file"',
    ...(!facts.unifiedCgroups && facts.runc ? ['runtime="runc"'] : []),
    ...(facts.systemd ? [] : ['cgroup_manager="cgroupfs"']),
    ...(facts.netavark ? ['[network]', 'network_backend="netavark"'] : []),
  ];
  return `${lines.join('\n')}\n`;
}
