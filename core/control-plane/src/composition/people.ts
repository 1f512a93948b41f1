import { createMailSettings } from '../adapters/mail/smtp/mail-settings.ts';
import { createSmtpMail } from '../adapters/mail/smtp/smtp-mail.ts';
import type { EventSpine } from '../events/event-spine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Database } from '../ports/database.ts';
import type { Identity } from '../ports/identity.ts';
import type { Logger } from '../ports/logger.ts';
import type { Repositories } from '../ports/repositories.ts';
import type { Access } from '../services/access/access.ts';
import type { Teams } from '../services/access/teams.ts';
import type { WatchRow } from '../services/automatic-rollback/watch-rows.ts';
import { createAssessments } from '../services/inbox/assessments.ts';
import { createBackflowSource } from '../services/inbox/backflow-source.ts';
import { createInbox } from '../services/inbox/inbox.ts';
import { createPolicyProposalSource } from '../services/inbox/policy-proposal-source.ts';
import { createPullRequestSource } from '../services/inbox/pull-request-source.ts';
import { announcePolicies } from '../services/notification/announce-policies.ts';
import { createIntake } from '../services/notification/intake.ts';
import { createMailDispatcher } from '../services/notification/mail-dispatcher.ts';
import { createNotifications } from '../services/notification/notifications.ts';
import type { PolicyProposals } from '../services/policy-proposal/policy-proposals.ts';
import type { Lanes } from '../services/promotion/lane.ts';
import { configBranch, configRepository } from '../services/receiving/config-repository.ts';
import { authorsOf } from '../services/review/gates.ts';
import type { Standings } from '../services/review/standing.ts';
import { createWaiting } from '../services/waiting/waiting.ts';

/** What people are asked and told: inbox, notifications, e-mail, and why something is not deployed yet. */
export function createPeopleSide(deps: {
  readonly standings: Standings;
  readonly policyProposals: PolicyProposals;
  readonly lanes: Pick<Lanes, 'openBackflowOffers'>;
  readonly repositories: Repositories;
  readonly access: Access;
  readonly teams: Pick<Teams, 'list'>;
  readonly identity: Identity;
  readonly database: Database;
  readonly spine: EventSpine;
  /** Path of the Sovereign's `mail.yaml`. */
  readonly mailFile: string;
  readonly pageUrl: (path: string) => string;
  readonly clock: Clock;
  readonly logger: Logger;
}) {
  const assessments = createAssessments({
    ...deps,
    policies: { ...configRepository, branch: configBranch },
    headOf: deps.repositories.head,
  });
  const mail = createSmtpMail({ settings: createMailSettings(deps.mailFile) });
  const dispatcher = createMailDispatcher({ ...deps, mail, random: Math.random });
  const notifications = createNotifications({ ...deps, mail, mailAdded: () => dispatcher.added() });
  const intake = createIntake({ ...deps, notifications, assessments });
  const sources = [
    createPullRequestSource({ ...deps, assessments }),
    createPolicyProposalSource(deps),
    createBackflowSource(deps),
  ];
  return {
    /** What the API asks, and `notify` for the other services. */
    notifications,
    inbox: createInbox({ sources, unread: notifications.unread }),
    waiting: createWaiting({ ...deps, assessments }),
    moved: assessments.moved,
    /** Proposals of policies that tell people. */
    policyProposals: announcePolicies(deps.policyProposals, notifications),
    /** Tells those who brought a merge that it went back by itself, or could not. */
    async rolledBack(row: WatchRow, message: string, end: 'rolled-back' | 'not-rolled-back'): Promise<void> {
      const { organization, environment, application, pullRequest } = row;
      const of = await deps.standings.get({ organization, name: application }, pullRequest);
      const to = of ? [...new Set([...authorsOf(of), ...(of.merged ? [of.merged.by.id] : [])])] : [];
      await notifications.notify({
        id: `${end}/${row.id}`,
        kind: 'rolled-back',
        organization,
        title: `${application} in ${environment}${end === 'rolled-back' ? '' : ': not rolled back'}`,
        message: message.split('\n', 1)[0]?.slice(0, 500) ?? '',
        path: `/environments/${environment}/applications/${application}`,
        at: new Date(deps.clock.now()).toISOString(),
        to,
      });
    },
    async start(): Promise<void> {
      dispatcher.start();
      await intake.start();
    },
    async stop(): Promise<void> {
      await intake.stop();
      await dispatcher.stop();
    },
  };
}
