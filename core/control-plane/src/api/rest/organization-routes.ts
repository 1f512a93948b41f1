import {
  DeletionView,
  EnvironmentList,
  EnvironmentRequest,
  OrganizationList,
  OrganizationRequest,
} from '@catalyst/model/api/organizations.ts';
import { EnvironmentView, OrganizationView } from '@catalyst/model/views/application-view.ts';
import { Type } from 'typebox';
import type { Deletion } from '../../services/organization-controller/organizations.ts';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import type { ApiDeps } from './api-deps.ts';
import {
  applicationViews,
  environmentOf,
  organizationOf,
  toEnvironmentView,
  toOrganizationView,
  visibleEnvironments,
} from './lookups.ts';
import { type ApiApp, answers, noContent, params } from './routes.ts';

const tags = ['organizations'];
const confirm = Type.Object({
  confirm: Type.String({ maxLength: 100, description: 'The name, typed again.' }),
});

/** Organizations and their Environments. */
export function organizationRoutes(app: ApiApp, deps: ApiDeps): void {
  const { organizations } = deps;

  app.get(
    '/v1/organizations',
    {
      config: { access: 'user' },
      schema: { operationId: 'listOrganizations', tags, response: answers({ 200: OrganizationList }) },
    },
    async (request) => {
      const actor = actorOf(request);
      const [all, environments] = await Promise.all([
        actor.sovereignAdmin
          ? organizations.list()
          : Promise.all(actor.memberships.map((entry) => organizations.get(entry.organization))),
        visibleEnvironments(deps, actor),
      ]);
      const byOrganization = Map.groupBy(environments, (environment) => environment.spec.organization);
      const items = all
        .flatMap((organization) => organization ?? [])
        .map((organization) =>
          toOrganizationView(organization, byOrganization.get(organization.metadata.name) ?? [], actor),
        )
        .sort((a, b) => a.name.localeCompare(b.name));
      return { items };
    },
  );

  app.post(
    '/v1/organizations',
    {
      config: { access: 'sovereign-admin' },
      schema: {
        operationId: 'createOrganization',
        tags,
        body: OrganizationRequest,
        response: answers({ 201: OrganizationView }),
      },
    },
    async (request, reply) => {
      const actor = actorOf(request);
      const created = answerOf(await organizations.create(actor, request.body));
      const environments = await organizations.environments(created.metadata.name);
      return reply.code(201).send(toOrganizationView(created, environments, actor));
    },
  );

  app.get(
    '/v1/organizations/:organization',
    {
      config: { access: { permission: 'organization.read', scope: 'organization' } },
      schema: {
        operationId: 'getOrganization',
        tags,
        params: params.organization,
        response: answers({ 200: OrganizationView }),
      },
    },
    async (request) => {
      const found = await organizationOf(deps, request.params.organization);
      const environments = await organizations.environments(found.metadata.name);
      return toOrganizationView(found, environments, actorOf(request));
    },
  );

  app.get(
    '/v1/organizations/:organization/deletion',
    {
      config: { access: { permission: 'organization.delete', scope: 'organization' } },
      schema: {
        operationId: 'previewOrganizationDeletion',
        tags,
        description: 'What deleting would lose.',
        params: params.organization,
        response: answers({ 200: DeletionView }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      return toDeletionView(await organizations.deletion(metadata.name));
    },
  );

  app.delete(
    '/v1/organizations/:organization',
    {
      config: { access: { permission: 'organization.delete', scope: 'organization' } },
      schema: {
        operationId: 'deleteOrganization',
        tags,
        params: params.organization,
        querystring: confirm,
        response: answers({ 204: noContent }),
      },
    },
    async (request, reply) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      answerOf(await organizations.delete(actorOf(request), metadata.name, request.query.confirm));
      return reply.code(204).send();
    },
  );

  environmentRoutes(app, deps);
}

function environmentRoutes(app: ApiApp, deps: ApiDeps): void {
  const { organizations } = deps;
  const path = '/v1/organizations/:organization/environments';

  app.get(
    path,
    {
      config: { access: { permission: 'organization.read', scope: 'organization' } },
      schema: {
        operationId: 'listEnvironments',
        tags,
        params: params.organization,
        response: answers({ 200: EnvironmentList }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const list = await organizations.environments(metadata.name);
      return {
        items: list.map((environment) =>
          toEnvironmentView(environment, applicationViews(deps, environment.metadata.name)),
        ),
      };
    },
  );

  app.post(
    path,
    {
      config: { access: { permission: 'environment.create', scope: 'organization' } },
      schema: {
        operationId: 'createEnvironment',
        tags,
        params: params.organization,
        body: EnvironmentRequest,
        response: answers({ 201: EnvironmentView }),
      },
    },
    async (request, reply) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const actor = actorOf(request);
      const created = answerOf(await organizations.createEnvironment(actor, metadata.name, request.body));
      return reply.code(201).send(toEnvironmentView(created, []));
    },
  );

  app.get(
    `${path}/:environment`,
    {
      config: { access: { permission: 'environment.read', scope: 'organization' } },
      schema: {
        operationId: 'getEnvironment',
        tags,
        params: params.organizationEnvironment,
        response: answers({ 200: EnvironmentView }),
      },
    },
    async (request) => {
      const { organization, environment } = request.params;
      const found = await environmentOf(deps, environment, organization);
      return toEnvironmentView(found, applicationViews(deps, found.metadata.name));
    },
  );

  app.get(
    `${path}/:environment/deletion`,
    {
      config: { access: { permission: 'environment.delete', scope: 'organization' } },
      schema: {
        operationId: 'previewEnvironmentDeletion',
        tags,
        description: 'What deleting would lose.',
        params: params.organizationEnvironment,
        response: answers({ 200: DeletionView }),
      },
    },
    async (request) => {
      const { organization, environment } = request.params;
      const { metadata } = await environmentOf(deps, environment, organization);
      return toDeletionView(await organizations.deletion(organization, metadata.name));
    },
  );

  app.delete(
    `${path}/:environment`,
    {
      config: { access: { permission: 'environment.delete', scope: 'organization' } },
      schema: {
        operationId: 'deleteEnvironment',
        tags,
        params: params.organizationEnvironment,
        querystring: confirm,
        response: answers({ 204: noContent }),
      },
    },
    async (request, reply) => {
      const { organization, environment } = request.params;
      const { metadata } = await environmentOf(deps, environment, organization);
      const actor = actorOf(request);
      answerOf(await organizations.deleteEnvironment(actor, metadata.name, request.query.confirm));
      return reply.code(204).send();
    },
  );
}

function toDeletionView(deletion: Deletion): DeletionView {
  return {
    applications: [...deletion.applications],
    environments: [...deletion.environments],
    repositories: [...deletion.repositories],
    volumes: deletion.volumes.map((volume) => ({ ...volume })),
  };
}
