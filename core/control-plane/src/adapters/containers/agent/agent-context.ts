import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { GitOpsQuestions } from '../../../ports/gitops.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Secrets } from '../../../ports/secrets.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import type { Bindings } from './bindings.ts';
import type { ObjectReports } from './object-reports.ts';
import type { PodCrew } from './pod-crew.ts';
import type { Release } from './release-state.ts';
import type { ReleaseStore } from './release-store.ts';
import type { ReleaseRenderer } from './render-release.ts';
import type { ServiceTable } from './service-table.ts';

/** What the parts of the agent share. */
export interface AgentContext {
  readonly runtime: PodRuntime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly secrets: Pick<Secrets, 'read'>;
  readonly questions: GitOpsQuestions;
  readonly domain: string;
  /** Milliseconds per second; smaller in tests. */
  readonly secondMs: number;
  readonly store: ReleaseStore;
  readonly renderer: ReleaseRenderer;
  readonly bindings: Bindings;
  readonly crew: PodCrew;
  readonly services: ServiceTable;
  readonly reports: ObjectReports;
  readonly releases: ReadonlyMap<string, Release>;
  /** True until all Pods were read from the engine, and while it does not answer: then nothing is started, removed or judged. */
  engineAway(): boolean;
  /** Looks at a release again. */
  enqueue(key: string, delayMs?: number): void;
  /** Tells the listener, and those who depend on the release, when its status changed. */
  report(release: Release, status: Omit<ReleaseStatus, 'ready'> & { readonly ready: ReadyWords }): void;
  /** Forgets a release that is uninstalled. */
  drop(release: Release): void;
}

/** A condition without its type and time. */
export type ReadyWords = Pick<ReleaseStatus['ready'], 'status' | 'reason' | 'message'>;
