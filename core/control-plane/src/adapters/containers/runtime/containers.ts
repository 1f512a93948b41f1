import { CatalystError, codes } from '@catalyst/model/problem.ts';
import { containerBody, type Defaults, type ResolvedMount } from './container-body.ts';
import { alreadyDone, type Engine } from './engine.ts';
import { checkLabel, containerName, invalid, sandboxName, shown } from './identity.ts';
import type { Images } from './images.ts';
import type { Found, Observer } from './observe.ts';
import type { ContainerSpec, PodSpec } from './pod-runtime.ts';

/** Containers of Pods, attempt by attempt. */
export interface Containers {
  /** Starts the next attempt unless one runs; keeps the last one that ended, removes older ones. */
  start(spec: PodSpec, name: string): Promise<void>;
  /** Stops the running attempt of one container with grace. */
  stopOne(environment: string, pod: string, container: string, graceSeconds: number): Promise<void>;
  /** Stops with grace, then removes everything of a Pod. Returns its Application, undefined when there was nothing. */
  removePod(environment: string, pod: string, graceSeconds: number): Promise<string | undefined>;
  /** Engine id of the container's newest attempt. Throws `NotFound`. */
  idOf(environment: string, pod: string, container: string, fresh: boolean): Promise<string>;
}

const removalRounds = 5;

/** Starts and removes containers; `mounts` prepares what the container mounts. */
export function createContainers(deps: {
  engine: Engine;
  observer: Observer;
  images: Images;
  sovereignId: string;
  limits: Defaults;
  mounts: (spec: PodSpec, container: ContainerSpec) => Promise<ResolvedMount[]>;
}): Containers {
  const { engine, observer, sovereignId } = deps;
  const imageIds = new Map<string, string>();
  const ids = new Map<string, string>();

  async function imageId(container: ContainerSpec): Promise<string> {
    const known = imageIds.get(container.image);
    if (known) return known;
    const found = await deps.images.ensure(container.image, container.imagePullPolicy);
    if (!found.ok) throw new CatalystError(found.reason, found.message, { retry: 'later' });
    if (imageIds.size > 1_000) imageIds.clear();
    imageIds.set(container.image, found.id);
    return found.id;
  }

  const remove = (id: string) =>
    engine
      .call('remove a container', 60_000, (docker) =>
        docker.getContainer(id).remove({ force: true, v: true }),
      )
      .catch(ignoreMissing);

  async function create(
    spec: PodSpec,
    container: ContainerSpec,
    attempt: number,
    mounts: readonly ResolvedMount[],
    image: string,
  ): Promise<string> {
    const { environment, pod } = spec.identity;
    const body = containerBody({
      engine: await engine.info(),
      sovereignId,
      spec,
      container,
      init: spec.initContainers.includes(container),
      attempt,
      imageId: image,
      sandbox: sandboxName(sovereignId, environment, pod),
      mounts,
      limits: deps.limits,
    });
    const name = containerName(sovereignId, environment, pod, container.name, attempt);
    const make = () =>
      engine.call('create a container', 60_000, (docker) => docker.createContainer({ ...body, name }));
    const created = await make().catch(async (error: unknown) => {
      if (!(error instanceof CatalystError) || error.code !== codes.Conflict) throw error;
      // A name without a container that we could list: what a crash of the engine left in its storage.
      await remove(name);
      return make();
    });
    return created.id;
  }

  async function createFresh(
    spec: PodSpec,
    container: ContainerSpec,
    attempt: number,
    mounts: readonly ResolvedMount[],
  ): Promise<string> {
    const image = await imageId(container);
    try {
      return await create(spec, container, attempt, mounts, image);
    } catch (error) {
      // The image was deleted since we looked for it; if it is the sandbox that is missing, this fails again and says so.
      if (!(error instanceof CatalystError) || error.code !== codes.NotFound) throw error;
      imageIds.delete(container.image);
      return create(spec, container, attempt, mounts, await imageId(container));
    }
  }

  async function start(spec: PodSpec, name: string): Promise<void> {
    checkLabel('Container', name);
    const container = [...spec.initContainers, ...spec.containers].find((one) => one.name === name);
    if (!container) throw invalid(`The Pod ${spec.identity.pod} has no container "${shown(name)}".`);
    const { environment, pod } = spec.identity;
    const [found, mounts] = await Promise.all([
      observer.list({ environment, pod, container: name }),
      deps.mounts(spec, container),
      imageId(container),
    ]);
    const attempts = [...found].sort((a, b) => b.attempt - a.attempt);
    const newest = attempts[0];
    if (newest?.state === 'running') return;
    // One that was made but never ran (a crash in between, or a failed start) is made again under its own number.
    const unused = newest?.state === 'created' ? newest : undefined;
    if (unused) await remove(unused.id);
    const previous = unused ? attempts[1] : newest;
    const id = await createFresh(spec, container, previous ? previous.attempt + 1 : 0, mounts);
    ids.set(`${environment}/${pod}/${name}`, id);
    await Promise.all([
      startCreated(id, container),
      ...attempts.filter((one) => one !== previous && one !== unused).map((one) => remove(one.id)),
    ]);
  }

  async function startCreated(id: string, container: ContainerSpec): Promise<void> {
    try {
      await engine.call(`start container ${container.name}`, 120_000, (docker) =>
        docker.getContainer(id).start(),
      );
    } catch (error) {
      if (!(error instanceof CatalystError) || error.code === codes.Unavailable) throw error;
      throw new CatalystError('StartFailed', error.message, { cause: error, retry: 'later' });
    }
  }

  async function stop(one: Found, graceSeconds: number): Promise<void> {
    await engine
      .call(
        'stop a container',
        (graceSeconds + 60) * 1000,
        (docker) => docker.getContainer(one.id).stop({ t: graceSeconds }),
        graceSeconds * 1000,
      )
      .then(() => undefined, alreadyDone(undefined))
      .catch(ignoreMissing);
  }

  async function stopOne(
    environment: string,
    pod: string,
    container: string,
    graceSeconds: number,
  ): Promise<void> {
    const grace = Math.min(Math.max(Math.trunc(graceSeconds) || 0, 0), 3_600);
    const found = await observer.list({ environment, pod, container });
    await Promise.all(found.filter((one) => one.state === 'running').map((one) => stop(one, grace)));
  }

  async function removePod(
    environment: string,
    pod: string,
    graceSeconds: number,
  ): Promise<string | undefined> {
    const grace = Math.min(Math.max(Math.trunc(graceSeconds) || 0, 0), 3_600);
    let application: string | undefined;
    for (let round = 0; ; round++) {
      const found = await observer.list({ environment, pod });
      if (found.length === 0) break;
      if (round === removalRounds)
        throw new CatalystError('EngineFailed', `The Pod ${pod} cannot be removed.`, { retry: 'later' });
      application = found[0]?.identity.application;
      const members = found.filter((one) => one.container !== undefined);
      await Promise.all(members.filter((one) => one.state === 'running').map((one) => stop(one, grace)));
      await Promise.all(members.map((one) => remove(one.id)));
      await Promise.all(found.filter((one) => one.container === undefined).map((one) => remove(one.id)));
    }
    for (const key of ids.keys()) if (key.startsWith(`${environment}/${pod}/`)) ids.delete(key);
    return application;
  }

  async function idOf(environment: string, pod: string, container: string, fresh: boolean): Promise<string> {
    const key = `${environment}/${pod}/${container}`;
    const known = fresh ? undefined : ids.get(key);
    if (known) return known;
    const found = await observer.list({ environment, pod, container });
    const [newest] = found.sort((a, b) => b.attempt - a.attempt);
    if (!newest)
      throw new CatalystError(codes.NotFound, `There is no container ${shown(container)} in the Pod ${pod}.`);
    ids.set(key, newest.id);
    return newest.id;
  }

  return { start, stopOne, removePod, idOf };
}

function ignoreMissing(error: unknown): void {
  // A removal that is already under way answers with a conflict; the next round looks again.
  if (error instanceof CatalystError && (error.code === codes.NotFound || error.code === codes.Conflict))
    return;
  throw error;
}
