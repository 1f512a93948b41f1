import { authorize } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import { filledKey } from '@catalyst/model/projection/keys.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ReadModel } from '../../read-model/read-model.ts';
import type { Access } from '../../services/access/access.ts';
import type { Organizations } from '../../services/organization-controller/organizations.ts';
import { actorOf, sessionCookieName } from '../http/guard.ts';
import { notFound } from '../http/route-access.ts';
import { answers, params } from '../rest/routes.ts';
import { type FeedReader, openFeed, toFrame } from './environment-feed.ts';

/** What the event stream asks. */
export interface StreamDeps {
  readonly readModel: ReadModel;
  readonly organizations: Pick<Organizations, 'environment'>;
  readonly access: Pick<Access, 'authenticateSession' | 'authenticateToken'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often each stream's right is looked at again, in milliseconds; 30,000 unless told. */
  readonly recheckMs?: number;
}

interface Stream extends FeedReader {
  readonly actorId: string;
  readonly environment: string;
  readonly request: FastifyRequest;
  nextCheckMs: number;
  end(): void;
}

const pingMs = 15_000;
const mostStreams = 10_000;
const mostStreamsPerActor = 30;
/** What may wait for a slow reader in this process before it is given a snapshot instead. */
const bufferLimitBytes = 512 * 1024;
const mostChecksAtOnce = 100;

/** `GET /v1/environments/{environment}/events`: the Applications of an Environment, live (server-sent events). */
export function registerStreamRoutes(app: FastifyInstance, deps: StreamDeps): void {
  const { readModel, clock } = deps;
  const recheckMs = deps.recheckMs ?? 30_000;
  const feeds = new Map<string, ReturnType<typeof openFeed>>();
  const streams = new Set<Stream>();
  const perActor = new Map<string, number>();
  const ping = Buffer.from(toFrame('ping', {}));

  const refresh = () => {
    for (const feed of feeds.values()) feed.refresh();
  };
  readModel.onEpoch(refresh);
  const filled = readModel.watch(filledKey, refresh);
  const pings = setInterval(() => {
    for (const stream of streams) if (!stream.behind()) stream.send(ping);
  }, pingMs).unref();
  const checks = setInterval(() => void recheck(), Math.min(1_000, recheckMs)).unref();
  app.addHook('preClose', async () => {
    clearInterval(pings);
    clearInterval(checks);
    filled.stop();
    for (const stream of streams) stream.end();
    for (const feed of feeds.values()) feed.stop();
  });

  /** Whoever has lost the right, the session or the token does not go on reading. */
  async function recheck(): Promise<void> {
    const now = clock.now();
    const due = [...streams].filter((stream) => stream.nextCheckMs <= now).slice(0, mostChecksAtOnce);
    for (const stream of due) stream.nextCheckMs = now + recheckMs;
    await Promise.all(
      due.map(async (stream) => {
        const may = await mayRead(deps, stream.request, stream.environment).catch((error: unknown) => {
          deps.logger.warn({ err: error }, 'the right to a stream could not be looked at');
          return true;
        });
        if (!may) stream.end();
      }),
    );
  }

  function open(request: FastifyRequest, reply: FastifyReply, environment: string, actorId: string): void {
    const { raw } = reply;
    startStream(reply);
    const feed = feeds.get(environment) ?? openFeed(readModel, environment);
    feeds.set(environment, feed);
    const stream: Stream = {
      actorId,
      environment,
      request,
      nextCheckMs: clock.now() + recheckMs,
      send: (frames) => void raw.write(frames),
      behind: () => raw.writableLength > bufferLimitBytes,
      end: () => raw.end(),
    };
    streams.add(stream);
    perActor.set(actorId, (perActor.get(actorId) ?? 0) + 1);
    raw.on('drain', () => feed.caughtUp(stream));
    raw.on('error', () => raw.destroy());
    raw.on('close', () => {
      streams.delete(stream);
      const left = (perActor.get(actorId) ?? 1) - 1;
      if (left > 0) perActor.set(actorId, left);
      else perActor.delete(actorId);
      feed.leave(stream);
      if (feed.readers() > 0 || feeds.get(environment) !== feed) return;
      feeds.delete(environment);
      feed.stop();
    });
    const lastEventId = request.headers['last-event-id'];
    feed.join(stream, typeof lastEventId === 'string' ? lastEventId : undefined);
  }

  app.get<{ Params: { environment: string } }>(
    '/v1/environments/:environment/events',
    {
      config: { access: { permission: 'environment.read', scope: 'environment' } },
      schema: {
        operationId: 'watchEnvironment',
        tags: ['environments'],
        description:
          'Server-sent events: `snapshot`, `application`, `application-removed`, `ping`. Ids are `<epoch>.<revision>`; send the last one as `Last-Event-ID` to go on.',
        params: params.environment,
        produces: ['text/event-stream'],
        response: answers({ 200: Type.String() }),
      },
    },
    async (request, reply) => {
      const { environment } = request.params;
      const actor = actorOf(request);
      if (!(await deps.organizations.environment(environment))) throw notFound();
      if (streams.size >= mostStreams || (perActor.get(actor.id) ?? 0) >= mostStreamsPerActor)
        throw new CatalystError('TooMany', 'Too many event streams are open. Close some and try again.', {
          retry: 'later',
        });
      if (request.raw.destroyed) return;
      open(request, reply, environment, actor.id);
    },
  );
}

function startStream(reply: FastifyReply): void {
  const { raw } = reply;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.setHeader('content-type', 'text/event-stream');
  raw.setHeader('cache-control', 'no-store');
  // The stream ends with the connection: no chunk headers around each of thousands of small frames.
  raw.setHeader('connection', 'close');
  raw.useChunkedEncodingByDefault = false;
  raw.flushHeaders();
  raw.write('retry: 1000\n\n');
}

async function mayRead(deps: StreamDeps, request: FastifyRequest, environment: string): Promise<boolean> {
  const token = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  const cookie = request.cookies[sessionCookieName];
  const actor =
    token !== undefined
      ? await deps.access.authenticateToken(token)
      : cookie !== undefined && (await deps.access.authenticateSession(cookie));
  const organization = parseEnvironmentName(environment)?.organization;
  if (!actor || organization === undefined) return false;
  if (authorize(actor, 'environment.read', { organization, environment }) !== 'allowed') return false;
  return (await deps.organizations.environment(environment)) !== undefined;
}
