import type { Pusher } from '@catalyst/model/events/cloud-event.ts';
import type { RecordedVerdict } from '@catalyst/model/policy/verdict.ts';
import type { GateVerdict } from '@catalyst/model/views/plan.ts';

/** A decision whether something may reach the branch of an Environment. */
export interface Decision extends RecordedVerdict {
  readonly organization: string;
  readonly environment: string;
  /** The repository. */
  readonly application: string;
  readonly branch: string;
  /** Of the pull request. */
  readonly number?: number;
  readonly head: string;
  /** Head of the branch at that moment. */
  readonly base: string;
  readonly by: Pusher;
  /** Head of `system/catalyst-config` that the policy was read from. */
  readonly configRevision?: string;
  /** Gates beside the policy: hold, order, codeowners. They are recorded as they were, and not replayed. */
  readonly further: readonly GateVerdict[];
  /** Codes of what else refused it. */
  readonly problems: readonly string[];
  /** Whether it was let through. */
  readonly allowed: boolean;
}

/** A decision as it is kept. Times are RFC 3339, UTC. */
export interface Verdict extends Decision {
  readonly id: string;
  readonly at: string;
  /** How often it was refused in the same way, and when last. */
  readonly times: number;
  readonly lastAt: string;
}

/**
 * What was decided, from which policy and facts. Rows that nothing could give back: a decision is durable before its ref moves, and
 * does not depend on the read model. Kept are ids, names, handles and revisions; contents of files never.
 */
export interface Verdicts {
  /**
   * Durable when it resolves. A refusal of the same question within ten minutes is counted in the row of the first. At most 10,000
   * per Organization remain of what moved nothing, the newest; what was let through stays.
   */
  record(decision: Decision): Promise<void>;
  /** Newest first. `limit` is 1 to 200. */
  list(
    environment: string,
    query: { readonly application?: string; readonly number?: number; readonly limit: number },
  ): Promise<Verdict[]>;
  find(environment: string, id: string): Promise<Verdict | undefined>;
  /** Forgets all of an Organization that is being deleted. Idempotent. */
  forget(organization: string): Promise<void>;
}
