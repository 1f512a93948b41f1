import { once } from 'node:events';
import { LogLineView } from '@catalyst/model/api/applications.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { LogLine } from '../../ports/workloads.ts';
import { createLiveAnswers, type LiveAnswersDeps } from '../http/live-answers.ts';
import { notFound } from '../http/route-access.ts';
import type { ApiDeps } from './api-deps.ts';
import { applicationView, environmentOf } from './lookups.ts';
import { type ApiApp, answers, params } from './routes.ts';

/** Logs that are followed at once, by everybody together and by one person. */
const limits = { most: 500, mostPerActor: 30 };
const pingMs = 20_000;

/** Logs of one container, live until the caller goes or may not read them any more. */
export function logRoutes(app: ApiApp, deps: ApiDeps & LiveAnswersDeps): void {
  const live = createLiveAnswers(app, deps, { permission: 'application.read', ...limits });

  app.get(
    '/v1/environments/:environment/applications/:application/logs',
    {
      config: { access: { permission: 'application.read', scope: 'environment' } },
      schema: {
        operationId: 'getApplicationLogs',
        tags: ['applications'],
        description: 'One JSON object per line; with `Accept: text/event-stream` one event per line.',
        params: params.application,
        querystring: Type.Object({
          pod: Type.String({ minLength: 1, maxLength: 253 }),
          container: Type.String({ minLength: 1, maxLength: 253 }),
          previous: Type.Optional(Type.Boolean({ description: 'The log of the crashed predecessor.' })),
          tail: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000, default: 500 })),
          follow: Type.Optional(Type.Boolean()),
        }),
        produces: ['application/x-ndjson', 'text/event-stream'],
        response: answers({ 200: LogLineView }),
      },
    },
    async (request, reply) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const { name } = applicationView(deps, metadata.name, request.params.application);
      const { pod, container, previous = false, tail = 500, follow = false } = request.query;
      const aborter = new AbortController();
      reply.raw.on('close', () => aborter.abort());
      if (reply.raw.destroyed) return;
      // Counted before the engine is asked, so that many at once do not pass together.
      const leave = follow ? live.enter(request, metadata.name, () => reply.raw.destroy()) : () => {};
      if (!leave) throw tooMany();
      try {
        const where = { environment: metadata.name, application: name, pod, container };
        const lines = await deps.workloads.logs({
          ...where,
          previous,
          tailLines: tail,
          follow,
          signal: aborter.signal,
        });
        if (!lines) throw notFound(`There is no container "${container}" in Pod "${pod}" of "${name}" now.`);
        const events = request.headers.accept?.includes('text/event-stream') ?? false;
        await writeLines(reply, lines, events, aborter);
      } finally {
        leave();
      }
    },
  );
}

const tooMany = () =>
  new CatalystError(
    'TooMany',
    `Too many logs are followed at once: ${limits.mostPerActor} by one person and ${limits.most} by everybody at most. Close some and try again.`,
    { retry: 'later' },
  );

async function writeLines(
  reply: FastifyReply,
  lines: AsyncIterable<LogLine>,
  events: boolean,
  aborter: AbortController,
): Promise<void> {
  const { raw } = reply;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.setHeader('content-type', events ? 'text/event-stream' : 'application/x-ndjson');
  raw.setHeader('cache-control', 'no-store');
  // The caller learns at once that it is connected, even if nothing is logged for an hour.
  raw.flushHeaders();
  const ping = events ? setInterval(() => raw.write(': ping\n\n'), pingMs) : undefined;
  try {
    for await (const text of format(lines, events))
      if (!raw.write(text)) await once(raw, 'drain', { signal: aborter.signal });
    raw.end();
  } catch {
    // The caller went, or the container did in the middle of a line: the answer just ends.
    raw.destroy();
  } finally {
    clearInterval(ping);
    aborter.abort();
  }
}

async function* format(lines: AsyncIterable<LogLine>, events: boolean): AsyncGenerator<string> {
  for await (const line of lines) {
    const json = JSON.stringify(line);
    yield events ? `data: ${json}\n\n` : `${json}\n`;
  }
  if (events) yield 'event: end\ndata: {}\n\n';
}
