import { join } from 'node:path';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import { createContainers } from './containers.ts';
import { createEngine } from './engine.ts';
import { createEnvironmentStates } from './environment-state.ts';
import { createEnvironments } from './environments.ts';
import { execIn } from './exec.ts';
import { hostLimits } from './host-limits.ts';
import { createHostsFiles } from './hosts-files.ts';
import { checkIdentity, checkLabel, invalid } from './identity.ts';
import { createImages } from './images.ts';
import { readLogs } from './logs.ts';
import type { MirrorMap } from './mirror-map.ts';
import { createNetworks } from './networks.ts';
import { createObserver } from './observe.ts';
import { createPacketFilter } from './packet-filter.ts';
import { ensurePauseImage } from './pause-image.ts';
import type { PodIdentity, PodRuntime, PodSpec, PodStatus } from './pod-runtime.ts';
import { ensureSandbox } from './sandboxes.ts';
import { createSerialize } from './serialize.ts';
import { createVolumes } from './volumes.ts';
import { createWatch } from './watch.ts';

/** What a runtime needs. */
export interface PodRuntimeOptions {
  /** The engine's socket; a function where it may change while Catalyst runs. */
  readonly socketPath: string | (() => string);
  /** Lower-case letters, digits and hyphens, at most 32. */
  readonly sovereignId: string;
  readonly sovereignPort: number;
  /** Absolute; holds volumes and the runtime's own small state. */
  readonly dataDirectory: string;
  /** Absolute and short, lost at a reboot. */
  readonly runDirectory: string;
  readonly mirrors: MirrorMap | (() => MirrorMap);
  readonly clock: Clock;
  readonly logger: Logger;
  /** What to tell people while no engine answers, and what to do. */
  readonly unavailableMessage?: () => string;
}

/** Runs Pods on Docker or Podman on this machine; needs root for the packet filter. Throws `Invalid` for unusable options. */
export function createPodRuntime(options: PodRuntimeOptions): PodRuntime {
  checkOptions(options);
  const { sovereignId, sovereignPort, dataDirectory, logger } = options;
  const { socketPath, mirrors } = options;
  const engine = createEngine({
    socketPath: typeof socketPath === 'function' ? socketPath : () => socketPath,
    logger,
  });
  const observer = createObserver({ engine, sovereignId });
  const images = createImages({
    engine,
    mirrors: typeof mirrors === 'function' ? mirrors : () => mirrors,
    logger,
  });
  const volumes = createVolumes(options);
  const states = createEnvironmentStates(join(dataDirectory, 'engine', 'environments'));
  const hosts = createHostsFiles(join(dataDirectory, 'engine', 'hosts'));
  const networks = createNetworks({ engine, sovereignId });
  const filter = createPacketFilter({ sovereignId, sovereignPort, states, logger });
  const environments = createEnvironments({ sovereignId, states, networks, filter, hosts });
  const limits = hostLimits();
  const serialize = createSerialize();
  const changeListeners: ((identity: PodIdentity) => void)[] = [];
  const availabilityListeners: ((available: boolean, message: string) => void)[] = [];
  let pauseImage: Promise<string> | undefined;

  const containers = createContainers({
    engine,
    observer,
    images,
    sovereignId,
    limits,
    mounts: async (spec, container) => {
      const { environment, application, pod } = spec.identity;
      const source = hosts.path(environment, application, pod);
      return [...(await volumes.mounts(spec, container)), { source, target: '/etc/hosts', readOnly: true }];
    },
  });

  const watch = createWatch({
    engine,
    observer,
    sovereignId,
    clock: options.clock,
    logger,
    unavailableMessage: options.unavailableMessage ?? (() => unavailable(engine.socketPath())),
    onRound: async (reconnected) => {
      if (reconnected) forgetEngine();
      if (await filter.verify()) logger.warn({}, 'The packet filter was gone and has been restored');
    },
    onChange: (identity) => {
      for (const listener of changeListeners) listener(identity);
    },
    onAvailability: (available, message) => {
      for (const listener of availabilityListeners) listener(available, message);
    },
  });

  function forgetEngine(): void {
    environments.forgetEngine();
    pauseImage = undefined;
  }

  function sandboxImage(): Promise<string> {
    const image = pauseImage ?? ensurePauseImage(engine);
    pauseImage = image;
    image.catch(() => {
      pauseImage = undefined;
    });
    return image;
  }

  async function makePod(spec: PodSpec): Promise<PodStatus> {
    const { environment, pod } = spec.identity;
    const [image, { bridge }] = await Promise.all([sandboxImage(), environments.network(environment)]);
    const sandbox = await ensureSandbox({ engine, sovereignId, limits }, spec, image);
    await Promise.all([filter.applyPod(sandbox.pid, bridge, spec.selfHosts[0]), environments.addPod(spec)]);
    // Last, because a crash may come in between: a Pod that has its names has everything (`completePod`).
    await environments.namePod(spec, sandbox.address);
    const [status] = sandbox.existed
      ? await observer.statuses(await observer.list({ environment, pod }))
      : [];
    return (
      status ?? {
        identity: spec.identity,
        address: sandbox.address,
        createdAt: sandbox.createdAt,
        containers: [],
      }
    );
  }

  async function createPod(spec: PodSpec): Promise<PodStatus> {
    checkIdentity(spec.identity);
    checkLabel('Host name', spec.hostname);
    const { environment, pod } = spec.identity;
    return serialize(`pod/${environment}/${pod}`, async () => {
      try {
        return await makePod(spec);
      } catch (error) {
        if (!(error instanceof CatalystError) || error.retry === 'never' || error.code === codes.Unavailable)
          throw error;
        // Somebody may have removed the network or the sandbox image since we made them.
        logger.warn({ error, environment, pod }, 'Making a Pod failed; trying once more from the start');
        forgetEngine();
        return makePod(spec);
      }
    });
  }

  /** Goes on with a Pod that a crash left half-made; what was removed meanwhile stays removed. */
  async function completePod(spec: PodSpec): Promise<void> {
    const { environment, application, pod } = spec.identity;
    if (await hosts.has(environment, application, pod)) return;
    await serialize(`pod/${environment}/${pod}`, async () => {
      if ((await observer.list({ environment, pod })).length === 0)
        throw new CatalystError(codes.NotFound, `There is no Pod ${pod} in ${environment}.`);
      await makePod(spec);
    });
  }

  async function removePod(environment: string, pod: string, graceSeconds: number): Promise<void> {
    checkLabel('Environment', environment);
    checkLabel('Pod', pod);
    await serialize(`pod/${environment}/${pod}`, async () => {
      const application = await containers.removePod(environment, pod, graceSeconds);
      await volumes.forgetPod(environment, pod);
      if (application) await hosts.remove(environment, application, pod);
    });
  }

  return {
    start: async () => {
      await states.load();
      await volumes.start();
      // Without a packet filter nothing may run; the watch says so and tries again.
      await filter
        .restore()
        .catch((error: unknown) => logger.error({ error }, 'The packet filter cannot be set'));
      watch.start();
    },
    stop: () => watch.stop(),
    availability: () => watch.availability(),
    onAvailability: (listener) => void availabilityListeners.push(listener),
    onChange: (listener) => void changeListeners.push(listener),
    pods: async () => observer.statuses(await observer.list()),
    pod: async (environment, pod) => (await observer.statuses(await observer.list({ environment, pod })))[0],
    ensureImage: (image, policy) => images.ensure(image, policy),
    createPod,
    startContainer: async (spec, container) => {
      checkIdentity(spec.identity);
      const { environment, pod } = spec.identity;
      await serialize(`container/${environment}/${pod}/${container}`, async () => {
        await completePod(spec);
        await containers.start(spec, container);
      });
    },
    stopContainer: async (environment, pod, container, graceSeconds) => {
      checkLabel('Environment', environment);
      checkLabel('Pod', pod);
      checkLabel('Container', container);
      await serialize(`container/${environment}/${pod}/${container}`, () =>
        containers.stopOne(environment, pod, container, graceSeconds),
      );
    },
    exec: async (environment, pod, container, command, timeoutMs) => {
      const id = await containers.idOf(environment, pod, container, false);
      try {
        return await execIn(engine, id, command, timeoutMs);
      } catch (error) {
        if (!(error instanceof CatalystError) || error.code !== codes.NotFound) throw error;
        const newest = await containers.idOf(environment, pod, container, true);
        if (newest === id) throw error;
        return execIn(engine, newest, command, timeoutMs);
      }
    },
    removePod,
    setServices: environments.setServices,
    serviceAddress: environments.serviceAddress,
    ensureVolume: volumes.ensureClaim,
    volumes: volumes.list,
    deleteVolume: volumes.delete,
    logs: (request) => readLogs({ engine, observer }, request),
    removeEnvironment: environments.remove,
    stopAll: async () => {
      const pods = new Map(
        (await observer.list()).map((one) => [`${one.identity.environment}/${one.identity.pod}`, one]),
      );
      const open = [...pods.values()];
      const worker = async () => {
        for (let one = open.pop(); one; one = open.pop())
          await removePod(one.identity.environment, one.identity.pod, one.graceSeconds);
      };
      await Promise.all([worker(), worker(), worker(), worker()]);
      await filter.remove();
      await volumes.release();
    },
  };
}

function checkOptions(options: PodRuntimeOptions): void {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(options.sovereignId))
    throw invalid('The id of the Sovereign is not valid.');
  // The engine reads mounts as lists with these characters between the parts.
  for (const folder of [options.dataDirectory, options.runDirectory])
    if (!folder.startsWith('/') || /[,:"\\\n]/.test(folder))
      throw invalid(`Containers cannot use the folder ${folder}: its path must not hold any of , : " \\.`);
}

function unavailable(socketPath: string): string {
  return `No container engine answers at ${socketPath}. Install podman or start Docker; Applications wait until one answers.`;
}
