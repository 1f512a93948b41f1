import type { FastifyInstance } from 'fastify';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { authRoutes } from './auth/auth-routes.ts';
import { installConsoleFiles } from './http/console-files.ts';
import { createHttpServer } from './http/http-server.ts';
import type { TypeBoxProvider } from './http/validation.ts';
import type { ApiDeps } from './rest/api-deps.ts';
import { applicationRoutes } from './rest/application-routes.ts';
import { blueprintRoutes } from './rest/blueprint-routes.ts';
import { breakGlassRoutes } from './rest/break-glass-routes.ts';
import { historyRoutes } from './rest/history-routes.ts';
import { inboxRoutes } from './rest/inbox-routes.ts';
import { invitationRoutes } from './rest/invitation-routes.ts';
import { laneRoutes } from './rest/lane-routes.ts';
import { logRoutes } from './rest/log-routes.ts';
import { memberRoutes } from './rest/member-routes.ts';
import { ociRoutes } from './rest/oci-routes.ts';
import { installOpenApi } from './rest/open-api.ts';
import { organizationRoutes } from './rest/organization-routes.ts';
import { policyProposalRoutes } from './rest/policy-proposal-routes.ts';
import { policyRoutes } from './rest/policy-routes.ts';
import { pullRequestRoutes } from './rest/pull-request-routes.ts';
import { scorecardRoutes } from './rest/scorecard-routes.ts';
import { sovereignRoutes } from './rest/sovereign-routes.ts';
import { teamRoutes } from './rest/team-routes.ts';
import { tokenRoutes } from './rest/token-routes.ts';
import { upgradeRoutes } from './rest/upgrade-routes.ts';
import { verdictRoutes } from './rest/verdict-routes.ts';
import { waitingRoutes } from './rest/waiting-routes.ts';
import { webhookRoutes } from './rest/webhook-routes.ts';

/** The whole HTTP surface, beside what it asks (`ApiDeps`). */
export interface ApiOptions extends ApiDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** True behind the entry proxy, whose `X-Forwarded-For` then is the address of the caller. */
  readonly behindProxy: boolean;
  /** The built console, as `core/console/dist`; may be missing. */
  readonly consoleDirectory: string;
  /** Further surfaces (Git, event stream). Each route states `config.access` like every other. */
  readonly extensions?: readonly ((app: FastifyInstance) => Promise<void> | void)[];
}

/** Builds the application with every route; the caller listens and closes. */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { sovereign, access, identity, logger, behindProxy } = options;
  const app = await createHttpServer({ origin: sovereign.origin, access, logger, behindProxy });
  await installOpenApi(app, sovereign.version);
  authRoutes(app, { access, identity, logger, origin: sovereign.origin });
  const api = app.withTypeProvider<TypeBoxProvider>();
  sovereignRoutes(api, options);
  blueprintRoutes(api, options);
  organizationRoutes(api, options);
  memberRoutes(api, options);
  invitationRoutes(api, options);
  teamRoutes(api, options);
  policyRoutes(api, options);
  policyProposalRoutes(api, options);
  verdictRoutes(api, options);
  breakGlassRoutes(api, options);
  applicationRoutes(api, options);
  historyRoutes(api, options);
  scorecardRoutes(api, options);
  pullRequestRoutes(api, options);
  laneRoutes(api, options);
  logRoutes(api, options);
  tokenRoutes(api, options);
  webhookRoutes(api, options);
  upgradeRoutes(api, options);
  inboxRoutes(api, options);
  waitingRoutes(api, options);
  ociRoutes(api, options);
  for (const extend of options.extensions ?? []) await extend(app);
  await installConsoleFiles(app, options.consoleDirectory);
  return app;
}
