import type { CheckedPolicy, PolicyProposalView } from '@catalyst/model/api/policies.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { Result } from '@catalyst/model/problem.ts';
import type { PolicyProposalGate } from '../receiving/policy-changes.ts';
import type { ForSovereignAdmins } from './for-sovereign-admins.ts';

/** Which proposal. */
export interface ProposalRef {
  readonly environment: string;
  readonly proposal: string;
}

/**
 * Changes of policies that are there: proposed by somebody with the right `policy.write`, approved by somebody else, then committed by
 * Catalyst in the name of the proposer. Callers have authorised the actor to propose and to withdraw; who may approve is decided here.
 */
export interface PolicyProposals {
  /** What a `spec` would say, and what of it is wrong; changes nothing. */
  check(environment: string, spec: JsonObject | null): Promise<CheckedPolicy>;
  /**
   * Codes: `NothingToReview` (there is no policy yet: the first is put at once), `Unchanged`, `TooMany`, and what is wrong with the
   * policy. Nothing is kept of a refused one.
   */
  propose(
    actor: Actor,
    environment: string,
    request: { readonly spec: JsonObject | null; readonly reason: string },
  ): Promise<Result<PolicyProposalView>>;
  /** Open ones first, then the newest of those that are decided; at most 50. */
  list(actor: Actor, environment: string, state?: 'open'): Promise<PolicyProposalView[]>;
  get(actor: Actor, ref: ProposalRef): Promise<Result<PolicyProposalView>>;
  /**
   * Approves and commits. The approval is durable before the commit is made. Codes: `Denied` (not the proposer, and not somebody who may
   * not), `Stale` (the policy changed meanwhile), `Conflict` (decided already), what is wrong with the policy by now.
   */
  approve(actor: Actor, ref: ProposalRef, reason: string | undefined): Promise<Result<PolicyProposalView>>;
  /** Codes: `Conflict` (decided already). */
  withdraw(actor: Actor, ref: ProposalRef, reason: string | undefined): Promise<Result<PolicyProposalView>>;
  /** What of an Organization is open, oldest first, as somebody sees it: what he may approve has `may.approve`. */
  openProposals(organization: string, actor: Actor): Promise<PolicyProposalView[]>;
  /**
   * What is open in Organizations that a sovereign-admin is no member of, where nobody of them may approve it; nothing for others.
   * Oldest first; `pending` counts what one question did not look at.
   */
  openForSovereignAdmins(actor: Actor): Promise<ForSovereignAdmins>;
  /** What the judge of `system/catalyst-config` asks. */
  readonly gate: PolicyProposalGate;
  /** Goes on with what was approved and not committed when the process ended. */
  resume(): Promise<void>;
  /** Forgets the proposals of an Organization, or of an Environment, that is gone. Idempotent. */
  forget(gone: { readonly organization: string } | { readonly environment: string }): Promise<void>;
}
