import { authorize, type Permission } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Access } from '../../services/access/access.ts';
import type { Organizations } from '../../services/organization-controller/organizations.ts';
import { actorOf, sessionCookieName } from './guard.ts';

/** What is asked to look at a reader's right again. */
export interface LiveAnswersDeps {
  readonly organizations: Pick<Organizations, 'environment'>;
  readonly access: Pick<Access, 'authenticateSession' | 'authenticateToken'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often each reader's right is looked at again, in milliseconds; 30,000 unless told. */
  readonly recheckMs?: number;
}

/** How many answers go on at once, and what their readers must be allowed. */
export interface LiveAnswersRule {
  readonly permission: Permission;
  readonly most: number;
  readonly mostPerActor: number;
}

/** Answers about an Environment that go on until their reader goes. */
export interface LiveAnswers {
  /**
   * Counts a reader from this call on; undefined when too many are there. `end` is called when the reader has lost the session, the token
   * or the right, when the Environment is gone, and when the server closes. The function that is given takes the reader out again; twice is no error.
   */
  enter(request: FastifyRequest, environment: string, end: () => void): (() => void) | undefined;
}

interface Reader {
  readonly request: FastifyRequest;
  readonly environment: string;
  readonly end: () => void;
  nextCheckMs: number;
}

const mostChecksAtOnce = 100;

/** Keeps those who read for long within limits, and ends their answers with their right. */
export function createLiveAnswers(
  app: FastifyInstance,
  deps: LiveAnswersDeps,
  rule: LiveAnswersRule,
): LiveAnswers {
  const { clock, logger } = deps;
  const recheckMs = deps.recheckMs ?? 30_000;
  const readers = new Set<Reader>();
  const perActor = new Map<string, number>();
  const checks = setInterval(() => void recheck(), Math.min(1_000, recheckMs)).unref();
  app.addHook('preClose', async () => {
    clearInterval(checks);
    for (const reader of readers) reader.end();
  });

  async function recheck(): Promise<void> {
    const now = clock.now();
    const due = [...readers].filter((reader) => reader.nextCheckMs <= now).slice(0, mostChecksAtOnce);
    for (const reader of due) reader.nextCheckMs = now + recheckMs;
    await Promise.all(
      due.map(async (reader) => {
        const may = await mayRead(deps, rule.permission, reader).catch((error: unknown) => {
          logger.warn({ err: error }, 'the right to a live answer could not be looked at');
          return true;
        });
        if (!may) reader.end();
      }),
    );
  }

  return {
    enter(request, environment, end) {
      const { id } = actorOf(request);
      if (readers.size >= rule.most || (perActor.get(id) ?? 0) >= rule.mostPerActor) return undefined;
      const reader: Reader = { request, environment, end, nextCheckMs: clock.now() + recheckMs };
      readers.add(reader);
      perActor.set(id, (perActor.get(id) ?? 0) + 1);
      return () => {
        if (!readers.delete(reader)) return;
        const left = (perActor.get(id) ?? 1) - 1;
        if (left > 0) perActor.set(id, left);
        else perActor.delete(id);
      };
    },
  };
}

async function mayRead(
  deps: LiveAnswersDeps,
  permission: Permission,
  { request, environment }: Reader,
): Promise<boolean> {
  const token = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  const cookie = request.cookies[sessionCookieName];
  const actor =
    token !== undefined
      ? await deps.access.authenticateToken(token)
      : cookie !== undefined && (await deps.access.authenticateSession(cookie));
  const organization = parseEnvironmentName(environment)?.organization;
  if (!actor || organization === undefined) return false;
  if (authorize(actor, permission, { organization, environment }) !== 'allowed') return false;
  return (await deps.organizations.environment(environment)) !== undefined;
}
