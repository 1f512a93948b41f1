import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Engine } from './engine.ts';
import { identityOfLabels, labels } from './identity.ts';
import type { Found, Observer } from './observe.ts';
import type { PodIdentity } from './pod-runtime.ts';

/** Follows the engine: whether it answers, and which Pods changed. */
export interface Watch {
  start(): void;
  stop(): Promise<void>;
  availability(): { readonly available: boolean; readonly message: string };
}

const pollMs = 15_000;
const heartbeatMs = 5_000;
/** Generous: an engine that starts many containers at once answers slowly and is not away. */
const heartbeatWithinMs = 8_000;
const slowestRetryMs = 5_000;
const interesting = new Set([
  'start',
  'die',
  'died',
  'oom',
  'kill',
  'stop',
  'destroy',
  'remove',
  'rename',
  'create',
]);

/**
 * Watches by the engine's events, and by a look every 15 s for what an event stream may lose. An engine that keeps its connections
 * and says nothing is noticed by a question every 5 s.
 */
export function createWatch(deps: {
  engine: Engine;
  observer: Observer;
  sovereignId: string;
  clock: Clock;
  logger: Logger;
  unavailableMessage: () => string;
  /** Called in every round, for what else must be kept true. */
  onRound: (reconnected: boolean) => Promise<void>;
  onChange: (identity: PodIdentity) => void;
  onAvailability: (available: boolean, message: string) => void;
}): Watch {
  const { engine, observer, clock, logger } = deps;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let state = { available: false, message: 'The container engine has not answered yet.' };
  let seen = new Map<string, Found>();

  function become(available: boolean, message: string): void {
    const changed = state.available !== available || state.message !== message;
    state = { available, message };
    if (changed) deps.onAvailability(available, message);
  }

  async function look(): Promise<void> {
    const now = new Map((await observer.list()).map((one) => [one.id, one]));
    const changed = new Map<string, PodIdentity>();
    for (const one of [...now.values(), ...seen.values()])
      if (now.get(one.id)?.state !== seen.get(one.id)?.state)
        changed.set(`${one.identity.environment}/${one.identity.pod}`, one.identity);
    seen = now;
    for (const identity of changed.values()) deps.onChange(identity);
  }

  function onEvent(line: string): void {
    const event = parseEvent(line);
    if (!event || !interesting.has(event.action)) return;
    deps.onChange(event.identity);
  }

  async function follow(signal: AbortSignal): Promise<void> {
    const filters = JSON.stringify({
      type: ['container'],
      label: [`${labels.sovereign}=${deps.sovereignId}`],
    });
    const stream = await engine.call('follow events', 15_000, (docker) =>
      docker.getEvents({ filters, abortSignal: signal }),
    );
    let rest = '';
    for await (const chunk of stream) {
      const parts = (rest + String(chunk)).split('\n');
      rest = (parts.pop() ?? '').slice(0, 1_000_000);
      for (const part of parts) onEvent(part);
    }
  }

  async function session(reconnected: boolean): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([stopping.signal, ended.signal]);
    const info = await engine.info();
    await deps.onRound(reconnected);
    const events = follow(signal).catch((error: unknown) => {
      if (!signal.aborted) logger.warn({ error }, 'The event stream of the container engine ended');
    });
    try {
      become(true, `${info.kind} ${info.version}`);
      while (!signal.aborted) {
        await look();
        for (let waited = 0; waited < pollMs; waited += heartbeatMs) {
          const timer = new AbortController();
          const over = await Promise.race([
            events.then(() => true),
            clock.sleep(heartbeatMs, AbortSignal.any([signal, timer.signal])).then(() => false),
          ]);
          timer.abort();
          if (over || signal.aborted) return;
          await engine.call('reach the engine', heartbeatWithinMs, (docker) => docker.ping());
        }
        await deps.onRound(false);
      }
    } finally {
      ended.abort();
      await events;
    }
  }

  async function run(): Promise<void> {
    let wait = 100;
    let reconnected = false;
    while (!stopping.signal.aborted) {
      try {
        const before = clock.now();
        await session(reconnected);
        if (clock.now() - before > 1_000) wait = 100;
      } catch (error) {
        if (stopping.signal.aborted) break;
        const level = state.available ? 'warn' : 'debug';
        logger[level]({ error }, 'The container engine does not answer');
        become(false, messageOf(error) ?? deps.unavailableMessage());
      }
      engine.forget();
      reconnected = true;
      await clock.sleep(wait, stopping.signal).catch(() => undefined);
      wait = Math.min(wait * 2, slowestRetryMs);
    }
  }

  return {
    start: () => {
      running ??= run();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    availability: () => state,
  };

  function messageOf(error: unknown): string | undefined {
    const failure = error as { code?: unknown; message?: unknown };
    const ofTool = typeof failure.message === 'string' && / failed: /.test(failure.message);
    return ofTool ? `Containers cannot be isolated on this machine: ${String(failure.message)}` : undefined;
  }
}

/** Reads one line of the engine's event stream; undefined for what is not about a Pod. */
export function parseEvent(line: string): { action: string; identity: PodIdentity } | undefined {
  if (line.trim() === '') return undefined;
  try {
    const event = JSON.parse(line) as {
      Action?: unknown;
      status?: unknown;
      Actor?: { Attributes?: unknown };
    };
    const action = typeof event.Action === 'string' ? event.Action : event.status;
    const attributes = event.Actor?.Attributes;
    if (typeof action !== 'string' || typeof attributes !== 'object' || attributes === null) return undefined;
    const identity = identityOfLabels(attributes as Record<string, string>);
    return identity && { action, identity };
  } catch {
    return undefined;
  }
}
