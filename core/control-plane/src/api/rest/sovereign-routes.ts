import { AcceptedUser, Me, SetupRequest, SovereignView } from '@catalyst/model/api/identity.ts';
import { Type } from 'typebox';
import type { User } from '../../ports/identity.ts';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import type { ApiDeps } from './api-deps.ts';
import { type ApiApp, answers } from './routes.ts';

/** Health, the Sovereign itself, set-up, and who asks. */
export function sovereignRoutes(app: ApiApp, deps: ApiDeps): void {
  const { sovereign, identity, workloads } = deps;
  healthRoutes(app, deps);

  app.get(
    '/v1/sovereign',
    {
      config: { access: 'public' },
      schema: { operationId: 'getSovereign', tags: ['sovereign'], response: answers({ 200: SovereignView }) },
    },
    async () => {
      const { name, version, domain, port } = sovereign;
      return { name, version, setupNeeded: await identity.setupNeeded(), domain, port };
    },
  );

  app.post(
    '/v1/setup',
    {
      config: { access: 'public', rateLimit: { max: 20, timeWindow: 60_000 } },
      schema: {
        operationId: 'setUpSovereign',
        tags: ['sovereign'],
        description: 'Makes the first sovereign-admin with the token of the set-up link.',
        body: SetupRequest,
        response: answers({ 201: AcceptedUser }),
      },
    },
    async (request, reply) => {
      const { token, name, email, password } = request.body;
      const user = answerOf(await identity.accept(token, { name, email, password }));
      return reply.code(201).send({ user: toUserView(user) });
    },
  );

  app.get(
    '/v1/me',
    {
      config: { access: 'user' },
      schema: { operationId: 'getMe', tags: ['sovereign'], response: answers({ 200: Me }) },
    },
    async (request) => {
      const actor = actorOf(request);
      const memberships = actor.memberships.map(({ organization, role, environments, breakGlass }) => ({
        organization,
        role,
        ...(environments ? { environments: [...environments] } : {}),
        ...(breakGlass ? { breakGlass } : {}),
      }));
      return { user: toUserView(actor), memberships, engine: workloads.availability() };
    },
  );
}

function healthRoutes(app: ApiApp, deps: ApiDeps): void {
  const Health = Type.Object({ status: Type.Literal('ok') });
  const Readiness = Type.Object({
    ready: Type.Boolean(),
    checks: Type.Array(
      Type.Object({
        name: Type.String(),
        ready: Type.Boolean(),
        message: Type.Optional(Type.String()),
      }),
    ),
  });
  app.get(
    '/healthz',
    {
      config: { access: 'public' },
      schema: { operationId: 'getHealth', tags: ['sovereign'], response: answers({ 200: Health }) },
    },
    async () => ({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getReadiness',
        tags: ['sovereign'],
        response: answers({ 200: Readiness, 503: Readiness }),
      },
    },
    async (_request, reply) => {
      const checks = [...(await deps.readiness())];
      const ready = checks.every((check) => check.ready);
      return reply.code(ready ? 200 : 503).send({ ready, checks });
    },
  );
}

/** A person as the API shows them. */
export function toUserView({
  id,
  name,
  email,
  sovereignAdmin,
}: Pick<User, 'id' | 'name' | 'email' | 'sovereignAdmin'>) {
  return { id, name, email, sovereignAdmin };
}
