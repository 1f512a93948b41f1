import {
  ApplicationDetail,
  ApplicationList,
  ApplicationPage,
  AppliedPlan,
  Manifests,
  UnfinishedPlanList,
  VolumeList,
} from '@catalyst/model/api/applications.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import { ApplicationState } from '@catalyst/model/views/application-view.ts';
import { Plan, PlanRequest } from '@catalyst/model/views/plan.ts';
import { Type } from 'typebox';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import { notFound } from '../http/route-access.ts';
import type { ApiDeps } from './api-deps.ts';
import { readDetail, readManifests } from './application-detail.ts';
import { listApplications } from './application-page.ts';
import { applicationView, applicationViews, environmentOf } from './lookups.ts';
import { type ApiApp, answers, noContent, params } from './routes.ts';

const tags = ['applications'];
const reading = { permission: 'application.read', scope: 'environment' } as const;
const writing = { permission: 'application.write', scope: 'environment' } as const;

/** Applications: lists from the read model, details with what Git holds. */
export function applicationRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get(
    '/v1/applications',
    {
      config: { access: 'user' },
      schema: {
        operationId: 'listApplications',
        tags,
        description: 'Applications of every Environment that the caller may see, in pages.',
        querystring: Type.Object({
          organization: Type.Optional(Type.String({ maxLength: 100 })),
          status: Type.Optional(ApplicationState),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
          continue: Type.Optional(Type.String({ maxLength: 400 })),
        }),
        response: answers({ 200: ApplicationPage }),
      },
    },
    async (request) => listApplications(deps, actorOf(request), request.query),
  );

  app.get(
    '/v1/environments/:environment/applications',
    {
      config: { access: reading },
      schema: {
        operationId: 'listEnvironmentApplications',
        tags,
        params: params.environment,
        response: answers({ 200: ApplicationList }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      return { items: applicationViews(deps, metadata.name) };
    },
  );

  app.get(
    '/v1/environments/:environment/applications/:application',
    {
      config: { access: reading },
      schema: {
        operationId: 'getApplication',
        tags,
        params: params.application,
        response: answers({ 200: ApplicationDetail }),
      },
    },
    async (request) => {
      const environment = await environmentOf(deps, request.params.environment);
      const view = applicationView(deps, environment.metadata.name, request.params.application);
      return readDetail(deps, environment, view);
    },
  );

  app.get(
    '/v1/environments/:environment/applications/:application/manifests',
    {
      config: { access: reading },
      schema: {
        operationId: 'getApplicationManifests',
        tags,
        params: params.application,
        response: answers({ 200: Manifests }),
      },
    },
    async (request) => {
      const environment = await environmentOf(deps, request.params.environment);
      const view = applicationView(deps, environment.metadata.name, request.params.application);
      return readManifests(deps, environment, view);
    },
  );

  planRoutes(app, deps);
  volumeRoutes(app, deps);
}

function planRoutes(app: ApiApp, deps: ApiDeps): void {
  const config = { access: writing, rateLimit: { max: 6_000, timeWindow: 60_000 } };
  app.post(
    '/v1/environments/:environment/plans',
    {
      config,
      schema: {
        operationId: 'createPlan',
        tags,
        description: 'Says what a change would do; nothing happens yet.',
        params: params.environment,
        body: PlanRequest,
        response: answers({ 201: Plan }),
      },
    },
    async (request, reply) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const plan = await deps.provisioning.plan(actorOf(request), metadata.name, request.body);
      return reply.code(201).send(answerOf(plan));
    },
  );

  app.post(
    '/v1/environments/:environment/plans/:plan/apply',
    {
      config,
      schema: {
        operationId: 'applyPlan',
        tags,
        description:
          'Turns a plan into commits. They are durable when this answers; the rest follows. `Unfinished` (503) says that some of it is done, and that it is finished or taken back without being asked for again; after every other refusal nothing of it is done.',
        params: Type.Object({ ...params.environment.properties, plan: Type.String({ maxLength: 64 }) }),
        response: answers({ 202: AppliedPlan }),
      },
    },
    async (request, reply) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const applied = answerOf(
        await deps.provisioning.apply(actorOf(request), metadata.name, request.params.plan),
      );
      const commits = applied.commits.map((commit) => ({ ...commit }));
      return reply.code(202).send({ planId: applied.planId, commits });
    },
  );

  app.get(
    '/v1/environments/:environment/unfinished-plans',
    {
      config: { access: reading },
      schema: {
        operationId: 'listUnfinishedPlans',
        tags,
        description: 'Plans that were begun and are neither finished nor taken back, oldest first.',
        params: params.environment,
        response: answers({ 200: UnfinishedPlanList }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const items = await deps.provisioning.unfinished(metadata.name);
      return { items: items.map((item) => ({ ...item })) };
    },
  );
}

function volumeRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get(
    '/v1/environments/:environment/volumes',
    {
      config: { access: reading },
      schema: {
        operationId: 'listVolumes',
        tags,
        params: params.environment,
        response: answers({ 200: VolumeList }),
      },
    },
    async (request) => {
      const { metadata } = await environmentOf(deps, request.params.environment);
      const volumes = await deps.workloads.volumes(metadata.name);
      return { items: volumes.map((volume) => ({ ...volume })) };
    },
  );

  app.delete(
    '/v1/environments/:environment/volumes/:application/:claim',
    {
      config: { access: writing },
      schema: {
        operationId: 'deleteVolume',
        tags,
        description: 'Deletes the data of a kept volume for good. One that is in use is refused.',
        params: Type.Object({
          ...params.application.properties,
          claim: Type.String({ maxLength: 253 }),
        }),
        response: answers({ 204: noContent }),
      },
    },
    async (request, reply) => {
      const { application, claim } = request.params;
      const { metadata } = await environmentOf(deps, request.params.environment);
      const volumes = await deps.workloads.volumes(metadata.name, application);
      const volume = volumes.find((entry) => entry.claim === claim && entry.application === application);
      if (!volume) throw notFound(`There is no volume "${claim}" of "${application}" in ${metadata.name}.`);
      const deleted = volume.inUse
        ? []
        : await deps.workloads.deleteVolumes(metadata.name, application, [claim]);
      if (!deleted.includes(claim))
        throw new CatalystError(
          'Conflict',
          `"${application}" uses this volume. Uninstall the Application first.`,
        );
      return reply.code(204).send();
    },
  );
}
