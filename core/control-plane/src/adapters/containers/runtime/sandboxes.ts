import { CatalystError, codes } from '@catalyst/model/problem.ts';
import { type Defaults, sandboxBody } from './container-body.ts';
import { alreadyDone, type Engine } from './engine.ts';
import { networkName, sandboxName } from './identity.ts';
import type { PodSpec } from './pod-runtime.ts';

/** A running sandbox: process on the host, and address in the Environment's network. */
export interface Sandbox {
  readonly pid: number;
  readonly address: string;
  readonly createdAt: string;
  /** True when it was there and running before. */
  readonly existed: boolean;
}

/** Makes the sandbox of a Pod, or starts the one that is there; a half-made one is not left behind. */
export async function ensureSandbox(
  deps: { engine: Engine; sovereignId: string; limits: Defaults },
  spec: PodSpec,
  image: string,
): Promise<Sandbox> {
  const { engine, sovereignId } = deps;
  const { environment, pod } = spec.identity;
  const name = sandboxName(sovereignId, environment, pod);
  const body = sandboxBody({
    engine: await engine.info(),
    sovereignId,
    identity: spec.identity,
    hostname: spec.hostname,
    graceSeconds: spec.terminationGraceSeconds,
    image,
    limits: deps.limits,
  });
  const created = await engine
    .call('create a Pod', 60_000, (docker) => docker.createContainer({ ...body, name }))
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof CatalystError && error.code === codes.Conflict) return false;
        throw error;
      },
    );
  let existed = false;
  try {
    existed = await engine
      .call('start a Pod', 60_000, (docker) => docker.getContainer(name).start())
      .then(() => false, alreadyDone(true));
  } catch (error) {
    // Nothing half-made stays, nor a name that only the engine's storage knows (after a crash of the engine).
    const vanished = error instanceof CatalystError && error.code === codes.NotFound;
    if (created || vanished)
      await engine
        .call('remove a Pod', 30_000, (docker) => docker.getContainer(name).remove({ force: true, v: true }))
        .catch(() => undefined);
    if (!vanished) throw error;
    throw new CatalystError('EngineFailed', `The sandbox of the Pod ${pod} was lost.`, {
      cause: error,
      retry: 'later',
    });
  }
  const info = await engine.call('inspect a Pod', 15_000, (docker) => docker.getContainer(name).inspect());
  const address = info.NetworkSettings.Networks[networkName(sovereignId, environment)]?.IPAddress;
  if (!info.State.Running || info.State.Pid < 1 || !address)
    throw new CatalystError('EngineFailed', `The sandbox of the Pod ${pod} does not run.`, {
      retry: 'later',
    });
  return { pid: info.State.Pid, address, createdAt: info.Created, existed };
}
