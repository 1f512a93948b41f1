import type { PolicyProposalView } from '@catalyst/model/api/policies.ts';
import { type Actor, authorize } from '@catalyst/model/authorization.ts';
import { compareSentences } from '@catalyst/model/policy/compare-sentences.ts';
import { describePolicy, parsePolicyFile } from '@catalyst/model/policy/policy.ts';
import { policyPath } from '@catalyst/model/resources/environment-policy.ts';
import type { Repositories } from '../../ports/repositories.ts';
import { toSpec } from '../review/policies.ts';
import { overtaken } from './commit-proposal.ts';
import { readPresent } from './present-policy.ts';
import type { Decision, ProposalRow } from './proposal-rows.ts';
import { type Approver, type WhoApprovesDeps, waitsFor, whoApproves } from './who-approves.ts';

/** The file of a policy in words; one line where it cannot be read. */
export function sentencesOf(environment: string, text: string): string[] {
  const parsed = parsePolicyFile(policyPath(environment), text);
  return parsed.ok ? describePolicy(parsed.value) : ['The file of the policy cannot be read.'];
}

/** Shows a proposal to somebody: what it would change, who could approve it now, what he himself may do. */
export function createProposalView(
  deps: WhoApprovesDeps & {
    readonly repositories: () => Pick<Repositories, 'head' | 'files' | 'read'>;
  },
) {
  return async (actor: Actor, row: ProposalRow): Promise<PolicyProposalView> => {
    const { id, environment, state, reason, wanted, base, committed } = row;
    const waiting = state === 'open' || state === 'approved';
    const present = waiting ? await readPresent(deps.repositories(), environment) : undefined;
    const stale = state === 'open' && present?.file?.blob !== base.blob;
    const approvers = present ? await whoApproves(deps, environment, present.policy, row.proposedBy.id) : [];
    const parsed = wanted === null ? undefined : parsePolicyFile(policyPath(environment), wanted);
    return {
      id,
      environment,
      state,
      removes: wanted === null,
      spec: parsed?.ok ? toSpec(parsed.value) : null,
      difference: compareSentences(
        sentencesOf(environment, base.text),
        wanted === null ? [] : sentencesOf(environment, wanted),
      ),
      reason,
      proposedBy: somebody(row.proposedBy),
      proposedAt: row.at,
      stale,
      approvers: approvers.map((approver) => ({ ...approver })),
      why: whyOf(row, stale, approvers),
      ...(row.approved ? { approved: toDecision(row.approved), alone: row.approved.alone } : {}),
      ...(row.withdrawn ? { withdrawn: toDecision(row.withdrawn) } : {}),
      ...(committed ? { revision: committed.revision } : {}),
      may: mayOf(actor, row, stale, approvers),
    };
  };
}

const somebody = ({ id, name }: Decision['by']) => ({ id, name });

function toDecision({ by, at, reason }: Decision) {
  return { by: somebody(by), at, ...(reason === undefined ? {} : { reason }) };
}

function whyOf(row: ProposalRow, stale: boolean, approvers: readonly Approver[]): string {
  const { approved, withdrawn, refusal } = row;
  switch (row.state) {
    case 'open':
      return stale ? overtaken.message : waitsFor(approvers, row.organization);
    case 'approved':
      return `Approved by ${approved?.by.name}; its commit is under way.`;
    case 'committed':
      return approved?.alone
        ? `Confirmed by ${approved.by.name} alone: ${approved.reason ?? ''}`
        : `Approved by ${approved?.by.name}.`;
    case 'withdrawn':
      return `Withdrawn by ${withdrawn?.by.name}.${withdrawn?.reason ? ` ${withdrawn.reason}` : ''}`;
    case 'refused':
      return `Approved by ${approved?.by.name}, and it could not be committed: ${refusal?.[0]?.message ?? ''}`;
  }
}

function mayOf(
  actor: Actor,
  { organization, proposedBy, state }: ProposalRow,
  stale: boolean,
  approvers: readonly Approver[],
): PolicyProposalView['may'] {
  const open = state === 'open' && actor.readOnly !== true;
  const own = actor.id === proposedBy.id;
  return {
    approve: open && !stale && approvers.some(({ id }) => id === actor.id),
    confirmAlone: open && !stale && own && actor.sovereignAdmin && approvers.length === 0,
    withdraw: open && authorize(actor, 'policy.write', { organization }) === 'allowed',
  };
}
