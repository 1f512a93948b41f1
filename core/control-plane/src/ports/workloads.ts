import type { ObjectObserved } from '@catalyst/model/events/cloud-event.ts';

/** Which log to read. */
export interface LogRequest {
  readonly environment: string;
  readonly application: string;
  readonly pod: string;
  readonly container: string;
  /** The crashed predecessor's log. */
  readonly previous: boolean;
  /** Last lines to begin with, 1 to 5,000. */
  readonly tailLines: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** One line of a log. `at` is RFC 3339 with nanoseconds as the engine gives it. */
export interface LogLine {
  readonly at: string;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/** A data volume, in use or kept. */
export interface VolumeInfo {
  readonly environment: string;
  readonly application: string;
  readonly claim: string;
  readonly sizeBytes: number;
  readonly requestedBytes: number;
  /** True while an installed Application uses it, a Pod that had it still stops, or nobody can say. */
  readonly inUse: boolean;
}

/** Observes what runs. Objects are Kubernetes-shaped and complete: each report replaces the one before. */
export interface Workloads {
  /** Whether an engine answers now, and if not, why and what to do. */
  availability(): { readonly available: boolean; readonly message: string };
  onAvailability(listener: (available: boolean, message: string) => void): void;
  onObject(listener: (object: ObjectObserved) => void): void;
  /** Everything observed now, for a rebuild of the read model. */
  snapshot(): readonly ObjectObserved[];
  /** Undefined when there is no such container. */
  logs(request: LogRequest): Promise<AsyncIterable<LogLine> | undefined>;
  volumes(environment: string, application?: string): Promise<VolumeInfo[]>;
  /** Deletes kept volumes for good; those in use are refused by leaving them. Returns the deleted claims. */
  deleteVolumes(environment: string, application: string, claims: readonly string[]): Promise<string[]>;
  /** Stops everything of this Sovereign (`./catalyst down`). */
  stopAll(): Promise<void>;
}
