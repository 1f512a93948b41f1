import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createEngine } from './engine.ts';
import { ensurePauseImage } from './pause-image.ts';

/** Sockets where an engine may answer, in the order of preference. A remote engine (`tcp:`, `ssh:`) is never one. */
export function engineSockets(dockerHost: string | undefined): string[] {
  const named = dockerHost?.startsWith('unix:///') ? [dockerHost.slice('unix://'.length)] : [];
  return [...new Set([...named, '/run/podman/podman.sock', '/var/run/docker.sock'])];
}

/** Whether anything answers at the socket. */
export async function answers(socketPath: string): Promise<boolean> {
  if (!existsSync(socketPath)) return false;
  const engine = createEngine({ socketPath: () => socketPath });
  return engine
    .call('reach the engine', 3_000, (docker) => docker.ping())
    .then(
      () => true,
      () => false,
    );
}

/**
 * Whether the engine can run our Pods: it really starts a container, and as a process of this machine (no virtual machine, no
 * engine without root), because the packet filter of this machine must see it. Undefined when it can, else why not.
 */
export async function whyUnusable(socketPath: string): Promise<string | undefined> {
  const engine = createEngine({ socketPath: () => socketPath });
  try {
    const info = (await engine.call('ask the engine', 5_000, (docker) => docker.info())) as {
      OSType?: string;
      SecurityOptions?: string[] | null;
    };
    if (info.OSType !== 'linux') return 'it does not run Linux containers';
    if (info.SecurityOptions?.some((option) => option.includes('rootless'))) return 'it runs without root';
    const image = await ensurePauseImage(engine);
    const container = await engine.call('create a container', 30_000, (docker) =>
      docker.createContainer({ Image: image, Entrypoint: ['/pause'], HostConfig: { NetworkMode: 'none' } }),
    );
    try {
      await engine.call('start a container', 30_000, () => container.start());
      const { State: state } = await engine.call('inspect a container', 15_000, () => container.inspect());
      const command = await readFile(`/proc/${state.Pid}/cmdline`, 'utf8').catch(() => '');
      return command.startsWith('/pause') ? undefined : 'its containers do not run on this machine itself';
    } finally {
      await engine
        .call('remove a container', 30_000, () => container.remove({ force: true, v: true }))
        .catch(() => undefined);
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
