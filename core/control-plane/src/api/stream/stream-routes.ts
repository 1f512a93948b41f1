import { CatalystError } from '@catalyst/model/problem.ts';
import { filledKey } from '@catalyst/model/projection/keys.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ReadModel } from '../../read-model/read-model.ts';
import { createLiveAnswers, type LiveAnswersDeps } from '../http/live-answers.ts';
import { notFound } from '../http/route-access.ts';
import { answers, params } from '../rest/routes.ts';
import { type FeedReader, openFeed, toFrame } from './environment-feed.ts';

/** What the event stream asks. */
export interface StreamDeps extends LiveAnswersDeps {
  readonly readModel: ReadModel;
}

const pingMs = 15_000;
const limits = { most: 10_000, mostPerActor: 30 };
/** What may wait for a slow reader in this process before it is given a snapshot instead. */
const bufferLimitBytes = 512 * 1024;

/** `GET /v1/environments/{environment}/events`: the Applications of an Environment, live (server-sent events). */
export function registerStreamRoutes(app: FastifyInstance, deps: StreamDeps): void {
  const { readModel } = deps;
  // Whoever has lost the right, the session or the token does not go on reading.
  const live = createLiveAnswers(app, deps, { permission: 'environment.read', ...limits });
  const feeds = new Map<string, ReturnType<typeof openFeed>>();
  const streams = new Set<FeedReader>();
  const ping = Buffer.from(toFrame('ping', {}));

  const refresh = () => {
    for (const feed of feeds.values()) feed.refresh();
  };
  readModel.onEpoch(refresh);
  const filled = readModel.watch(filledKey, refresh);
  const pings = setInterval(() => {
    for (const stream of streams) if (!stream.behind()) stream.send(ping);
  }, pingMs).unref();
  app.addHook('preClose', async () => {
    clearInterval(pings);
    filled.stop();
    for (const feed of feeds.values()) feed.stop();
  });

  function open(request: FastifyRequest, reply: FastifyReply, environment: string, leave: () => void): void {
    const { raw } = reply;
    startStream(reply);
    const feed = feeds.get(environment) ?? openFeed(readModel, environment);
    feeds.set(environment, feed);
    const stream: FeedReader = {
      send: (frames) => void raw.write(frames),
      behind: () => raw.writableLength > bufferLimitBytes,
    };
    streams.add(stream);
    raw.on('drain', () => feed.caughtUp(stream));
    raw.on('error', () => raw.destroy());
    raw.on('close', () => {
      streams.delete(stream);
      leave();
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
      if (!(await deps.organizations.environment(environment))) throw notFound();
      if (request.raw.destroyed) return;
      const leave = live.enter(request, environment, () => reply.raw.end());
      if (!leave)
        throw new CatalystError('TooMany', 'Too many event streams are open. Close some and try again.', {
          retry: 'later',
        });
      open(request, reply, environment, leave);
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
