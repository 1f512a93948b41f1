import { type BlueprintCard, BlueprintDetail, BlueprintList } from '@catalyst/model/api/blueprints.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { Type } from 'typebox';
import type { BlueprintVersion } from '../../ports/blueprint-source.ts';
import { notFound } from '../http/route-access.ts';
import type { ApiDeps } from './api-deps.ts';
import { type ApiApp, answers } from './routes.ts';

/** The marketplace: public, and with what is private to the caller's Organizations. */
export function blueprintRoutes(app: ApiApp, deps: ApiDeps): void {
  const { catalog } = deps;

  async function viewerOf(actor: Actor | undefined) {
    const organizations = actor?.sovereignAdmin
      ? (await deps.organizations.list()).map((organization) => organization.metadata.name)
      : (actor?.memberships ?? []).map((membership) => membership.organization);
    return { organizations, sovereignAdmin: actor?.sovereignAdmin ?? false };
  }

  app.get(
    '/v1/blueprints',
    {
      config: { access: 'optional' },
      schema: {
        operationId: 'listBlueprints',
        tags: ['blueprints'],
        response: answers({ 200: BlueprintList }),
      },
    },
    async (request) => {
      const viewer = await viewerOf(request.actor);
      return {
        items: catalog.list(viewer).map(toCard),
        malformed: catalog
          .malformed(viewer)
          .map(({ name, problems }) => ({ name, problems: problems.map((problem) => ({ ...problem })) })),
      };
    },
  );

  app.get(
    '/v1/blueprints/:name',
    {
      config: { access: 'optional' },
      schema: {
        operationId: 'getBlueprint',
        tags: ['blueprints'],
        params: Type.Object({ name: Type.String({ maxLength: 100 }) }),
        querystring: Type.Object({ version: Type.Optional(Type.String({ maxLength: 64 })) }),
        response: answers({ 200: BlueprintDetail }),
      },
    },
    async (request) => {
      const { name } = request.params;
      const viewer = await viewerOf(request.actor);
      const found = catalog.find(name, request.query.version, viewer);
      if (!found) throw notFound();
      return toDetail(found, catalog.versions(name, viewer));
    },
  );
}

function toCard(version: BlueprintVersion): BlueprintCard {
  const { card, visibility, requires } = version.blueprint.spec;
  return {
    name: version.name,
    version: version.version,
    title: card.title,
    tagline: card.tagline,
    category: card.category,
    tags: [...(card.tags ?? [])],
    ...(version.icon === undefined ? {} : { icon: version.icon }),
    visibility,
    requires: [...(requires ?? [])],
    origin: version.origin,
  };
}

function toDetail(version: BlueprintVersion, versions: readonly string[]): BlueprintDetail {
  const { card, configSchema, depends } = version.blueprint.spec;
  const { description, license, documentation } = card;
  return {
    ...toCard(version),
    versions: [...versions],
    ...(description === undefined ? {} : { description }),
    ...(version.readme === undefined ? {} : { readme: version.readme }),
    ...(license === undefined ? {} : { license }),
    ...(documentation === undefined ? {} : { documentation }),
    configSchema,
    defaults: { ...version.defaults },
    depends: (depends ?? []).map((need) => ({
      alias: need.alias,
      blueprint: need.blueprint,
      version: need.version,
      ...(need.when === undefined ? {} : { when: need.when }),
    })),
    digest: version.digest,
  };
}
