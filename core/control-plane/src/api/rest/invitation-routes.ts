import {
  AcceptedMembership,
  AcceptedUser,
  AcceptRequest,
  InvitationToken,
  OfferedMembership,
} from '@catalyst/model/api/identity.ts';
import {
  InvitationList,
  type InvitationView,
  InvitationWithLink,
  MemberRequest,
} from '@catalyst/model/api/organizations.ts';
import { Type } from 'typebox';
import type { Invitation, InvitationLink } from '../../services/access/access.ts';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import type { ApiDeps } from './api-deps.ts';
import { organizationOf } from './lookups.ts';
import { type ApiApp, answers, noContent, params } from './routes.ts';
import { toUserView } from './sovereign-routes.ts';

const tags = ['members'];
const organizationPath = '/v1/organizations/:organization';
const write = { permission: 'members.write', scope: 'organization' } as const;
const perMinute = (max: number) => ({ rateLimit: { max, timeWindow: 60_000 } });
const invitationParams = Type.Object({
  ...params.organization.properties,
  invitation: Type.String({ maxLength: 64, description: 'Id of the invitation.' }),
});

/** Memberships that are offered: by org-admins, and accepted by whoever holds the link and the account. */
export function invitationRoutes(app: ApiApp, deps: ApiDeps): void {
  offeringRoutes(app, deps);
  acceptingRoutes(app, deps);
}

function offeringRoutes(app: ApiApp, deps: ApiDeps): void {
  const { access, sovereign } = deps;
  const withLink = ({ invitation, path }: InvitationLink): InvitationWithLink => ({
    invitation: { ...toView(invitation), url: `${sovereign.origin}${path}` },
  });

  app.post(
    `${organizationPath}/members`,
    {
      config: { access: write, ...perMinute(60) },
      schema: {
        operationId: 'addMember',
        tags,
        description:
          'Offers a membership to an e-mail address. It counts once the person has accepted by the link, which is shown once. The answer is the same whether or not there is an account.',
        params: params.organization,
        body: MemberRequest,
        response: answers({ 201: InvitationWithLink }),
      },
    },
    async (request, reply) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const added = answerOf(await access.addMember(actorOf(request), metadata.name, request.body));
      return reply.code(201).send(withLink(added));
    },
  );

  app.get(
    `${organizationPath}/invitations`,
    {
      config: { access: write },
      schema: {
        operationId: 'listInvitations',
        tags,
        description: 'Memberships that nobody has accepted yet.',
        params: params.organization,
        response: answers({ 200: InvitationList }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      return { items: (await access.invitations(metadata.name)).map(toView) };
    },
  );

  app.post(
    `${organizationPath}/invitations/:invitation/link`,
    {
      config: { access: write, ...perMinute(60) },
      schema: {
        operationId: 'renewInvitation',
        tags,
        description: 'A new link; the one before is void.',
        params: invitationParams,
        response: answers({ 200: InvitationWithLink }),
      },
    },
    async (request) => {
      const { organization, invitation } = request.params;
      await organizationOf(deps, organization);
      return withLink(answerOf(await access.renewInvitation(actorOf(request), organization, invitation)));
    },
  );

  app.delete(
    `${organizationPath}/invitations/:invitation`,
    {
      config: { access: write },
      schema: {
        operationId: 'withdrawInvitation',
        tags,
        params: invitationParams,
        response: answers({ 204: noContent }),
      },
    },
    async (request, reply) => {
      const { organization, invitation } = request.params;
      await organizationOf(deps, organization);
      answerOf(await access.withdrawInvitation(actorOf(request), organization, invitation));
      return reply.code(204).send();
    },
  );
}

function acceptingRoutes(app: ApiApp, { access }: ApiDeps): void {
  app.post(
    '/v1/invitations/read',
    {
      config: { access: 'public', ...perMinute(60) },
      schema: {
        operationId: 'readInvitation',
        tags,
        description: 'What a link offers. Asked with POST, so that the token stands in no log.',
        body: InvitationToken,
        response: answers({ 200: OfferedMembership }),
      },
    },
    async (request) => {
      const { environments, ...offer } = answerOf(await access.readInvitation(request.body.token));
      return { ...offer, ...(environments ? { environments: [...environments] } : {}) };
    },
  );

  app.post(
    '/v1/invitations/accept',
    {
      config: { access: 'public', ...perMinute(20) },
      schema: {
        operationId: 'acceptInvitation',
        tags,
        description:
          'Makes an account with the address of the invitation and accepts. Where there is one already, its owner signs in and accepts at `/v1/me/memberships`.',
        body: AcceptRequest,
        response: answers({ 200: AcceptedUser }),
      },
    },
    async (request) => {
      const { token, ...input } = request.body;
      return { user: toUserView(answerOf(await access.acceptInvitation(token, input))) };
    },
  );

  app.post(
    '/v1/me/memberships',
    {
      config: { access: 'user', ...perMinute(20) },
      schema: {
        operationId: 'acceptMembership',
        tags,
        description:
          'Accepts an invitation as who is signed in, with the account of its address. No token does.',
        body: InvitationToken,
        response: answers({ 201: AcceptedMembership }),
      },
    },
    async (request, reply) => {
      const { organization, role, environments } = answerOf(
        await access.acceptMembership(actorOf(request), request.body.token),
      );
      return reply
        .code(201)
        .send({ organization, role, ...(environments ? { environments: [...environments] } : {}) });
    },
  );
}

function toView({ environments, invitedBy, ...rest }: Invitation): InvitationView {
  return {
    ...rest,
    ...(environments ? { environments: [...environments] } : {}),
    invitedBy: { ...invitedBy },
  };
}
