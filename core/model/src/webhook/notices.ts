import type { WebhookEvent } from '../api/webhooks.ts';
import type {
  BreakGlassChanged,
  PullRequestChanged,
  RefUpdated,
  ReleaseStatus,
} from '../events/cloud-event.ts';
import { decideState } from '../projection/application-state.ts';
import type { ApplicationState } from '../views/application-view.ts';

/** Something that webhooks are told of: its kind, whose it is, and what is said. Never a secret. */
export interface Notice {
  readonly event: WebhookEvent;
  readonly organization: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What was last said of an Application in one Environment. */
export interface KnownState {
  readonly state: ApplicationState;
  readonly revision: string;
  /** Last revision that was observed Running. */
  readonly readyRevision?: string;
}

const told: Partial<Record<ApplicationState, WebhookEvent>> = {
  Running: 'application.running',
  Degraded: 'application.degraded',
  Failed: 'application.failed',
};

/** The body of a delivery (Standard Webhooks: type, timestamp, data), as the bytes that are signed. */
export function toBody(event: WebhookEvent, timestamp: string, data: Notice['data']): string {
  return JSON.stringify({ type: event, timestamp, data });
}

/** A branch that an Environment runs moved: somebody changed the Application. Undefined for any other branch. */
export function noticeOfRef(update: RefUpdated): Notice | undefined {
  const { declaration, environment, organization, repository, pusher } = update;
  if (declaration === undefined || environment === undefined) return undefined;
  return {
    event: 'application.changed',
    organization,
    data: {
      organization,
      environment,
      application: declaration?.application ?? repository,
      ...(declaration ? blueprintOf(declaration) : { uninstalled: true }),
      revision: update.newRevision,
      previousRevision: /^0+$/.test(update.oldRevision) ? null : update.oldRevision,
      by: { id: pusher.id, name: pusher.name, surface: pusher.surface },
      subject: update.subject.slice(0, 200),
    },
  };
}

/**
 * What a report of the GitOps engine means after what was last said: the state to remember (undefined: forget it), and a notice where
 * an Application began to run, lost some of its copies, failed, or is gone; each once per revision and change of state.
 */
export function noticeOfRelease(
  before: KnownState | undefined,
  status: ReleaseStatus,
): { readonly after: KnownState | undefined; readonly notice?: Notice } {
  const { organization, environment, application, revision, declaration } = status;
  const about = { organization, environment, application, ...(declaration ? blueprintOf(declaration) : {}) };
  if (status.removed) {
    const notice: Notice = { event: 'application.removed', organization, data: { ...about, revision } };
    return { after: undefined, ...(before ? { notice } : {}) };
  }
  const { state, why } = decideState({
    revision,
    paused: declaration?.paused ?? false,
    removing: false,
    release: status,
    engine: { available: true, message: '' },
    ...(before?.readyRevision === undefined ? {} : { readyRevision: before.readyRevision }),
  });
  const readyRevision = state === 'Running' ? revision : before?.readyRevision;
  const after: KnownState = { state, revision, ...(readyRevision === undefined ? {} : { readyRevision }) };
  const event = told[state];
  const same = before?.state === state && before.revision === revision;
  if (event === undefined || same) return { after };
  const data = {
    ...about,
    revision,
    state,
    ...(why ? { reason: why.reason, message: why.message } : {}),
    pods: { ready: status.replicas.ready, desired: status.replicas.desired },
  };
  return { after, notice: { event, organization, data } };
}

/** A pull request was opened, updated, reviewed, merged or closed. */
export function noticeOfPullRequest(changed: PullRequestChanged): Notice {
  const { change, ...data } = changed;
  return {
    event: `pull-request.${change}`,
    organization: changed.organization,
    data: { ...data, title: changed.title.slice(0, 200) },
  };
}

/** The glass of an Environment was broken, or is whole again. */
export function noticeOfBreakGlass({ change, ...data }: BreakGlassChanged): Notice {
  return { event: `break-glass.${change}`, organization: data.organization, data };
}

function blueprintOf(declaration: NonNullable<ReleaseStatus['declaration']>) {
  return { blueprint: { name: declaration.blueprint.name, version: declaration.blueprint.version } };
}
