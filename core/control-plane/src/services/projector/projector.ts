import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import {
  applicationKey,
  filledKey,
  releaseKey,
  resourceKey,
  streamKey,
} from '@catalyst/model/projection/keys.ts';
import type { Delivered, EventSpine } from '../../events/event-spine.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { GitOps } from '../../ports/gitops.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Workloads } from '../../ports/workloads.ts';
import type { ReadModel } from '../../read-model/read-model.ts';
import { installationsTable } from '../application-controller/installations.ts';
import { environmentsTable, organizationsTable } from '../organization-controller/resource-tables.ts';
import { createProjection, type ProjectedApplication } from './projection.ts';
import { eachRow } from './rows.ts';
import { createHealthWatch } from './watch-health.ts';
import { beatMs } from './watch-time.ts';

/** What the projector needs. */
export interface ProjectorDeps {
  readonly spine: EventSpine;
  readonly readModel: ReadModel;
  readonly gitops: Pick<GitOps, 'statuses'>;
  readonly workloads: Pick<Workloads, 'availability' | 'onAvailability' | 'snapshot'>;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of every Application whose state became another one, once that is durable and shown. */
  readonly onHealth?: (of: { readonly environment: string; readonly application: string }) => void;
  /** Address of a host of an Application, as people open it. */
  readonly url: (host: string) => string;
}

/** The only writer of the read model. */
export interface Projector {
  /** Brings the read model up to what rows and runtime say, then follows the stream. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Creates the projector. It rebuilds whenever the read model begins a new epoch or the stream has lost something. */
export function createProjector(deps: ProjectorDeps): Projector {
  const { spine, readModel, database, logger, clock } = deps;
  const projection = createProjection({ url: deps.url, engine: () => deps.workloads.availability() });
  const health = createHealthWatch(deps);
  /** Text of each card as last written, so that what says the same is not written again. */
  const written = new Map<string, string>();
  let position = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let subscription: { stop(): Promise<void> } | undefined;
  const stopping = new AbortController();

  /** One thing at a time: batches, rebuilds and the coming and going of the engine. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = turn.then(work, work);
    turn = next.catch(() => undefined);
    return next;
  }

  async function put(key: string, value: unknown, source: number): Promise<void> {
    try {
      await (value === undefined ? readModel.delete(key, source) : readModel.put(key, value, source));
    } catch (error) {
      if (!(error instanceof CatalystError && error.code === 'TooLarge')) throw error;
      logger.error({ key }, 'an entry is too large for the read model and is left out');
    }
  }

  /** Without the stream it is blind, whatever its cards say. */
  const beat = () => inTurn(async () => (spine.connected() ? health.beat() : undefined));

  async function keepBeating(): Promise<void> {
    while (!stopping.signal.aborted) {
      await beat().catch((error: unknown) => {
        logger.warn({ err: error }, 'it could not be written that the projector follows what runs');
      });
      await clock.sleep(beatMs, stopping.signal);
    }
  }

  async function flush(): Promise<void> {
    const taken = projection.take();
    try {
      const changes = taken.dirty.flatMap(
        (application) => health.changeOf(application, projection.view(application)) ?? [],
      );
      await health.record(changes);
      for (const { environment, application, after } of changes) {
        const projected = projection.find(environment, application);
        if (after?.readyRevision) projected.readyRevision = after.readyRevision;
        else delete projected.readyRevision;
      }
      const puts = [...taken.entries].map(([key, { value, source }]) => put(key, value, source));
      for (const application of taken.dirty) puts.push(writeCard(application));
      await Promise.all(puts);
      for (const { environment, application } of changes) deps.onHealth?.({ environment, application });
    } catch (error) {
      projection.putBack(taken);
      throw error;
    }
  }

  async function writeCard(application: ProjectedApplication): Promise<void> {
    const key = projection.keyOf(application);
    const view = projection.view(application);
    const text = view ? JSON.stringify(view) : '';
    if (written.get(key) === text) return;
    await put(key, view, position);
    if (view) written.set(key, text);
    else written.delete(key);
    projection.forget(application);
  }

  async function rebuild(): Promise<void> {
    const stream = await spine.stream();
    const known = readModel.get<{ id: string }>(streamKey)?.value.id;
    const lost = readModel.highestSource() > stream.lastSequence;
    // Sequences of another stream, or of a part that a power cut took, would hide everything that comes.
    if (lost || (known !== undefined && known !== stream.id)) await readModel.reset();
    const epoch = readModel.epoch();
    position = stream.lastSequence;
    projection.begin(position);
    written.clear();
    await health.load();
    await loadParts();
    await put(streamKey, { id: stream.id }, 0);
    await sweep();
    await flush();
    // Of the epoch that was filled: another may have begun meanwhile, and is empty until its own rebuild.
    await put(filledKey, { epoch }, 0);
    logger.info({ applications: projection.applications.size, epoch }, 'read model brought up to date');
  }

  async function loadParts(): Promise<void> {
    for await (const row of eachRow(database.table(installationsTable), (item) => item.id)) {
      const application = projection.find(row.environment, row.application);
      const readyRevision = health.of(row.id)?.readyRevision;
      if (readyRevision !== undefined) application.readyRevision = readyRevision;
      projection.install(application, row);
    }
    // What the engine said last is kept, and not shown as a state until it speaks again; it tells its objects anew by itself.
    for (const application of projection.applications.values()) {
      const entry = readModel.get<ReleaseStatus>(
        releaseKey(application.environment, application.application),
      );
      if (entry)
        Object.assign(application, {
          release: entry.value,
          releaseSource: entry.source,
          unobserved: true,
        });
    }
    for (const status of deps.gitops.statuses()) {
      if (!projection.applications.has(`${status.environment}/${status.application}`) && status.removed)
        continue;
      const application = projection.find(status.environment, status.application);
      application.releaseSource = Math.min(application.releaseSource, position - 1);
      projection.observe(status, position);
    }
    for (const object of deps.workloads.snapshot()) projection.onObject(object, position);
  }

  /** Resources from their rows, and away with every entry that nothing stands for any more. */
  async function sweep(): Promise<void> {
    const wanted = new Set<string>([streamKey, filledKey]);
    const keep = async (kind: 'Organization' | 'Environment', name: string, resource: object) => {
      const key = resourceKey(kind, name);
      wanted.add(key);
      const known = readModel.get(key)?.value;
      if (JSON.stringify(known) !== JSON.stringify(resource)) await put(key, resource, position);
    };
    for await (const { name, resource } of eachRow(database.table(organizationsTable), (row) => row.name))
      await keep('Organization', name, resource);
    for await (const { name, resource } of eachRow(database.table(environmentsTable), (row) => row.name))
      await keep('Environment', name, resource);
    for (const {
      environment,
      application,
      installed,
      release,
      objects,
    } of projection.applications.values()) {
      if (installed) wanted.add(applicationKey(environment, application));
      if (release) wanted.add(releaseKey(environment, application));
      for (const key of objects.keys()) wanted.add(key);
    }
    const surplus = [...readModel.list('ws.'), ...readModel.list('sv.')].filter(
      ({ key }) => !wanted.has(key),
    );
    await Promise.all(surplus.map(({ key, source }) => put(key, undefined, Math.max(source, position))));
    for (const application of projection.applications.values()) {
      const key = projection.keyOf(application);
      const entry = readModel.get(key);
      if (entry) written.set(key, JSON.stringify(entry.value));
    }
  }

  async function rebuildUntilDone(): Promise<void> {
    for (let pauseMs = 100; !stopping.signal.aborted; pauseMs = Math.min(pauseMs * 2, 2_000))
      try {
        return await inTurn(rebuild);
      } catch (error) {
        logger.warn({ err: error }, 'the read model could not be rebuilt yet; trying again');
        await clock.sleep(pauseMs);
      }
  }

  async function onBatch(batch: readonly Delivered[]): Promise<void> {
    await inTurn(async () => {
      for (const { event, sequence } of batch) {
        try {
          projection.apply(event, sequence);
        } catch (error) {
          // An event of another shape must not hold up all that come after it.
          logger.error({ err: error, sequence }, 'an event could not be projected and is left out');
        }
        position = Math.max(position, sequence);
      }
      await flush();
    });
  }

  const rebuildSoon = () => void rebuildUntilDone();
  return {
    async start() {
      await health.start();
      await rebuildUntilDone();
      void keepBeating();
      readModel.onEpoch(rebuildSoon);
      spine.onStreamLost(rebuildSoon);
      deps.workloads.onAvailability(() => {
        projection.touchAll();
        void inTurn(flush).catch((error: unknown) => {
          logger.warn({ err: error }, 'the state of the container engine could not be shown yet');
        });
      });
      subscription = await spine.subscribeBatches('projector', '>', onBatch);
    },
    async stop() {
      stopping.abort();
      await subscription?.stop();
      if (subscription) await beat().catch(() => undefined);
      await turn;
    },
  };
}
