import type { BlueprintSource } from '../../ports/blueprint-source.ts';
import type { GitOps } from '../../ports/gitops.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { Workloads } from '../../ports/workloads.ts';
import type { ReadModel } from '../../read-model/read-model.ts';
import type { Access } from '../../services/access/access.ts';
import type { Teams } from '../../services/access/teams.ts';
import type { RollbackWatches } from '../../services/automatic-rollback/rollback-watches.ts';
import type { BreakGlass } from '../../services/break-glass/break-glass.ts';
import type { Catalog } from '../../services/catalog/catalog.ts';
import type { History } from '../../services/history/history.ts';
import type { Inbox } from '../../services/inbox/inbox.ts';
import type { Notifications } from '../../services/notification/notifications.ts';
import type { Organizations } from '../../services/organization-controller/organizations.ts';
import type { PolicyProposals } from '../../services/policy-proposal/policy-proposals.ts';
import type { Lanes } from '../../services/promotion/lane.ts';
import type { Provisioning } from '../../services/provisioning/provisioning.ts';
import type { Policies } from '../../services/review/policies.ts';
import type { PullRequests } from '../../services/review/pull-requests.ts';
import type { Scorecards } from '../../services/scorecard/scorecards.ts';
import type { Upgrades } from '../../services/upgrade/upgrades.ts';
import type { Verdicts } from '../../services/verdict/verdicts.ts';
import type { Waiting } from '../../services/waiting/waiting.ts';
import type { Webhooks } from '../../services/webhook/webhooks.ts';

/** What the Sovereign is called and where it is. */
export interface SovereignSettings {
  readonly name: string;
  readonly version: string;
  /** Domain of the Applications' hosts, as `localhost`. */
  readonly domain: string;
  readonly port: number;
  /** Canonical origin, as `http://localhost:8080`. */
  readonly origin: string;
}

/** One thing that must work before the Sovereign serves. */
export interface ReadinessCheck {
  readonly name: string;
  readonly ready: boolean;
  readonly message?: string;
}

/** Everything that the routes ask. */
export interface ApiDeps {
  readonly sovereign: SovereignSettings;
  readonly access: Access;
  readonly identity: Identity;
  readonly catalog: Catalog;
  readonly blueprints: Pick<BlueprintSource, 'oci'>;
  readonly organizations: Organizations;
  readonly provisioning: Pick<Provisioning, 'plan' | 'apply' | 'unfinished'>;
  readonly history: History;
  readonly scorecards: Scorecards;
  readonly upgrades: Upgrades;
  readonly pullRequests: Omit<
    PullRequests,
    'start' | 'stop' | 'moved' | 'healthChanged' | 'forget' | 'door' | 'gate' | 'standings'
  >;
  readonly watches: Pick<RollbackWatches, 'ofApplication'>;
  readonly lanes: Pick<Lanes, 'read' | 'accept' | 'decline'>;
  readonly teams: Pick<Teams, 'list' | 'put' | 'remove'>;
  readonly policies: Pick<Policies, 'of' | 'put'>;
  readonly policyProposals: Pick<
    PolicyProposals,
    'check' | 'propose' | 'list' | 'get' | 'approve' | 'withdraw'
  >;
  readonly verdicts: Pick<Verdicts, 'list' | 'find'>;
  readonly breakGlass: Pick<BreakGlass, 'open' | 'close' | 'list'>;
  readonly repositories: Pick<Repositories, 'head' | 'files' | 'read'>;
  readonly gitops: Pick<GitOps, 'manifests'>;
  readonly workloads: Pick<Workloads, 'availability' | 'logs' | 'volumes' | 'deleteVolumes'>;
  readonly readModel: Pick<ReadModel, 'get' | 'list' | 'epoch'>;
  readonly webhooks: Omit<Webhooks, 'start' | 'stop' | 'removeOrganization'>;
  readonly inbox: Inbox;
  readonly notifications: Omit<Notifications, 'notify' | 'unread'>;
  readonly waiting: Waiting;
  readonly readiness: () => Promise<readonly ReadinessCheck[]>;
}
