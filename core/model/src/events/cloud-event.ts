import type { Condition, JsonObject } from '../kubernetes.ts';
import type { ApplicationDeclaration } from '../resources/application.ts';

/** CloudEvents 1.0, structured JSON mode. `id` is what makes a publish idempotent. */
export interface CloudEvent<Type extends string = string, Data = unknown> {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: Type;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Data;
}

/** Who made a change reach the server, as the server knows it (a Git author is whatever the pusher wrote). */
export interface Pusher {
  readonly id: string;
  readonly name: string;
  readonly surface: 'console' | 'git' | 'api' | 'system';
}

/** A ref moved; durable before it was acknowledged. */
export interface RefUpdated {
  readonly organization: string;
  readonly repository: string;
  readonly ref: string;
  /** 40 zeros for a new ref. */
  readonly oldRevision: string;
  readonly newRevision: string;
  /** Order inside the repository, from 1, without gaps among acknowledged updates. */
  readonly sequence: number;
  readonly pusher: Pusher;
  readonly subject: string;
  readonly time: string;
  /** What the judge of the update found in it; null for an uninstalled Application. */
  readonly declaration?: ApplicationDeclaration | null;
  readonly environment?: string;
}

/** What the GitOps engine says of one Application in one Environment. Written whole; a later one replaces an earlier one. */
export interface ReleaseStatus {
  readonly environment: string;
  readonly organization: string;
  readonly application: string;
  /** The commit that this status speaks of. */
  readonly revision: string;
  /** The last commit that was applied without error. */
  readonly appliedRevision?: string;
  /** `Ready`: True applied and healthy, False failed (see reason), Unknown in progress. */
  readonly ready: Condition;
  /** What is waited for by name, when the engine waits. */
  readonly waitingFor?: readonly string[];
  readonly replicas: { readonly ready: number; readonly desired: number };
  /** Ingress rules with the stable address of their Service. */
  readonly routes: readonly RouteStatus[];
  /** Objects that the branch asks for, without contents. */
  readonly inventory: readonly {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly enforced: boolean;
  }[];
  readonly declaration?: ApplicationDeclaration;
  /** The Application is gone from this Environment. */
  readonly removed?: boolean;
}

/** One host and path prefix, and where it leads. */
export interface RouteStatus {
  readonly host: string;
  readonly path: string;
  readonly address: string;
  readonly port: number;
}

/** A runtime object changed. Contents of Secrets never enter an event. */
export interface ObjectObserved {
  readonly environment: string;
  readonly application: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly deleted?: boolean;
  readonly status: JsonObject;
}

/** An Organization or Environment file was accepted or removed. */
export interface ResourceChanged {
  readonly kind: 'Organization' | 'Environment';
  readonly name: string;
  readonly deleted?: boolean;
  readonly resource?: JsonObject;
  readonly revision: string;
}

/** A pull request was opened or became another one. Subject `sv.pull-request.<organization>.<repository>.<number>`. */
export interface PullRequestChanged {
  readonly organization: string;
  readonly repository: string;
  readonly number: number;
  readonly change: 'opened' | 'updated' | 'reviewed' | 'merged' | 'closed';
  readonly title: string;
  /** Environment of the destination. */
  readonly environment: string;
  readonly destination: string;
  readonly source?: string;
  readonly head: string;
  /** Names what merging it writes, as the API does. */
  readonly content: string;
  /** Where `change` is `reviewed`. */
  readonly verdict?: 'approve' | 'request-changes';
  /** Where `change` is `merged`. */
  readonly mergedRevision?: string;
  readonly by: { readonly id: string; readonly name: string };
}

/** The glass of an Environment was broken, or is whole again. Subject `sv.break-glass.<organization>.<environment>`. */
export interface BreakGlassChanged {
  readonly organization: string;
  readonly environment: string;
  readonly id: string;
  readonly change: 'opened' | 'closed';
  readonly by: { readonly id: string; readonly name: string };
  readonly reason: string;
  readonly until: string;
  /** Where `change` is `closed`: why it ended, and who ended it by hand. */
  readonly ended?: string;
  readonly endedBy?: { readonly id: string; readonly name: string };
}

export type RefUpdatedEvent = CloudEvent<'io.openova.catalyst.git.ref-updated', RefUpdated>;
export type ReleaseEvent = CloudEvent<'io.openova.catalyst.release.reported', ReleaseStatus>;
export type ObjectEvent = CloudEvent<'io.openova.catalyst.object.observed', ObjectObserved>;
export type ResourceEvent = CloudEvent<'io.openova.catalyst.resource.changed', ResourceChanged>;
export type PullRequestEvent = CloudEvent<'io.openova.catalyst.pull-request.changed', PullRequestChanged>;
export type BreakGlassEvent = CloudEvent<'io.openova.catalyst.break-glass.changed', BreakGlassChanged>;
/** Everything that flows on the event spine. */
export type CatalystEvent =
  | RefUpdatedEvent
  | ReleaseEvent
  | ObjectEvent
  | ResourceEvent
  | PullRequestEvent
  | BreakGlassEvent;
