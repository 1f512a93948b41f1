import { type Actor, authorize } from '@catalyst/model/authorization.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { compareSentences } from '@catalyst/model/policy/compare-sentences.ts';
import { describePolicy, parsePolicyFile } from '@catalyst/model/policy/policy.ts';
import { CatalystError, codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { policyPath } from '@catalyst/model/resources/environment-policy.ts';
import type { Logger } from '../../ports/logger.ts';
import { isTransient, whyOf } from '../provisioning/plan-trouble.ts';
import type { PolicyProposalGate } from '../receiving/policy-changes.ts';
import { writePolicy } from '../review/policies.ts';
import { type CommitProposalDeps, createCommitProposal, overtaken } from './commit-proposal.ts';
import { createForSovereignAdmins } from './for-sovereign-admins.ts';
import { createPolicyCheck } from './policy-check.ts';
import type { PolicyProposals, ProposalRef } from './policy-proposals.ts';
import { type PresentPolicy, readPresent } from './present-policy.ts';
import {
  alreadyDecided,
  changeProposal,
  findProposal,
  forgetProposals,
  mostOpen,
  noProposal,
  type ProposalRow,
  proposalsTable,
} from './proposal-rows.ts';
import { createProposalView, sentencesOf } from './proposal-view.ts';
import { type WhoApprovesDeps, waitsFor, whoApproves } from './who-approves.ts';

/** What proposals need. */
export interface PolicyProposalsDeps extends CommitProposalDeps, WhoApprovesDeps {
  readonly createId: () => string;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Proposals over rows of the database, committed to `system/catalyst-config`. */
export function createPolicyProposals(deps: PolicyProposalsDeps): PolicyProposals {
  const { database } = deps;
  const rows = database.table(proposalsTable);
  const check = createPolicyCheck(deps);
  const commit = createCommitProposal(deps);
  const toView = createProposalView(deps);
  const openForSovereignAdmins = createForSovereignAdmins({ ...deps, toView });
  const present = (environment: string) => readPresent(deps.repositories(), environment);
  const nowText = () => new Date(deps.clock.now()).toISOString();

  /** What is wrong with a file by now, beyond its form. */
  async function problemsOf(
    environment: string,
    text: string,
    at: PresentPolicy,
  ): Promise<readonly Problem[]> {
    const parsed = parsePolicyFile(policyPath(environment), text);
    return parsed.ok ? check(parsed.value, at.environments) : parsed.problems;
  }

  /** Who proposes may do so now, whatever the answer says of who approves. */
  async function approvalOf(
    actor: Actor,
    row: ProposalRow,
    at: PresentPolicy,
    reason: string | undefined,
  ): Promise<Result<NonNullable<ProposalRow['approved']>>> {
    const approvers = await whoApproves(deps, row.environment, at.policy, row.proposedBy.id);
    const decision = {
      by: toPerson(actor),
      at: nowText(),
      head: at.head,
      ...(reason === undefined ? {} : { reason }),
    };
    if (approvers.some(({ id }) => id === actor.id)) return ok({ ...decision, alone: false });
    const waits = waitsFor(approvers, row.organization);
    if (actor.id !== row.proposedBy.id)
      return refused({
        code: codes.Denied,
        message: `You may not approve changes of this policy. ${waits}`,
      });
    if (approvers.length > 0 || !actor.sovereignAdmin)
      return refused({ code: codes.Denied, message: `Nobody approves their own proposal. ${waits}` });
    if (reason === undefined)
      return refused({
        code: codes.Invalid,
        field: 'reason',
        message:
          'Nobody else may approve this. As the only sovereign-admin you confirm it yourself: say why; the commit keeps it.',
      });
    return ok({ ...decision, alone: true });
  }

  /** The approval is kept by then: what is said of a full disk elsewhere ("this was not done") would not be true. */
  async function commitApproved(row: ProposalRow): Promise<Result<ProposalRow>> {
    try {
      return await commit(row);
    } catch (error) {
      if (!isTransient(error)) throw error;
      throw new CatalystError(
        'Unfinished',
        `It is approved, and could not be committed yet. ${whyOf(error)} It is committed when it is approved once more, or at the next start of Catalyst, unless the policy changes before.`,
        { retry: 'later' },
      );
    }
  }

  async function approve(actor: Actor, ref: ProposalRef, reason: string | undefined) {
    const found = await findProposal(database, ref.environment, ref.proposal);
    if (!found.ok) return found;
    const row = found.value;
    if (row.state !== 'open' && row.state !== 'approved') return refused(alreadyDecided(row));
    const at = await present(row.environment);
    const approval = await approvalOf(actor, row, at, reason);
    if (!approval.ok) return approval;
    // A crash, or a disk that was full, came between an approval and its commit.
    if (row.state === 'approved') return commitApproved(row);
    if (at.file?.blob !== row.base.blob) return refused(overtaken);
    const problems = row.wanted === null ? [] : await problemsOf(row.environment, row.wanted, at);
    if (problems.length > 0) return refused(...problems);
    const approved = await changeProposal(database, row.id, (now) =>
      now.state === 'open'
        ? ok({ ...now, state: 'approved', approved: approval.value })
        : refused(alreadyDecided(now)),
    );
    return approved.ok ? commitApproved(approved.value) : approved;
  }

  async function propose(
    actor: Actor,
    environment: string,
    { spec, reason }: Parameters<PolicyProposals['propose']>[2],
  ): Promise<Result<ProposalRow>> {
    const at = await present(environment);
    const organization = parseEnvironmentName(environment)?.organization;
    if (!at.file || organization === undefined) return refused(nothingToReview(environment));
    const written = spec === null ? ok(null) : writePolicy(environment, spec);
    if (!written.ok) return written;
    const wanted = written.value;
    if (wanted !== null) {
      const problems = await problemsOf(environment, wanted, at);
      if (problems.length > 0) return refused(...problems);
      if (saysTheSame(environment, wanted, at)) return refused(unchanged(environment));
    }
    const row: ProposalRow = {
      id: deps.createId(),
      organization,
      environment,
      state: 'open',
      proposedBy: toPerson(actor),
      surface: actor.surface,
      at: nowText(),
      reason,
      wanted,
      base: at.file,
    };
    return database.transaction(async (tables) => {
      const table = tables.table(proposalsTable);
      if ((await table.count({ environment, state: 'open' })) >= mostOpen) return refused(tooMany);
      await table.insert(row);
      return ok(row);
    });
  }

  const gate: PolicyProposalGate = async (id) => {
    const row = await rows.get(id);
    if (row?.state !== 'approved' || !row.approved) return refused(noProposal);
    const { approved } = row;
    if (approved.by.id === row.proposedBy.id && !approved.alone)
      return refused({ code: codes.Denied, message: 'Nobody approves their own proposal.' });
    return ok({ path: policyPath(row.environment), base: row.base.blob, wanted: row.wanted });
  };

  const seen = async (actor: Actor, result: Result<ProposalRow>) =>
    result.ok ? ok(await toView(actor, result.value)) : result;
  const seenAll = (actor: Actor, found: readonly ProposalRow[]) =>
    Promise.all(found.map((row) => toView(actor, row)));

  return {
    gate,
    async check(environment, spec) {
      const at = await present(environment);
      const before = at.file ? sentencesOf(environment, at.file.text) : [];
      if (spec === null) return { sentences: [], difference: compareSentences(before, []), problems: [] };
      const written = writePolicy(environment, spec);
      if (!written.ok) return { sentences: [], difference: [], problems: plain(written.problems) };
      const parsed = parsePolicyFile(policyPath(environment), written.value);
      if (!parsed.ok) return { sentences: [], difference: [], problems: plain(parsed.problems) };
      const sentences = describePolicy(parsed.value);
      const problems = await check(parsed.value, at.environments);
      return { sentences, difference: compareSentences(before, sentences), problems: plain(problems) };
    },
    propose: async (actor, environment, request) => seen(actor, await propose(actor, environment, request)),
    async list(actor, environment, state) {
      const open = await rows.list({ where: { environment, state: 'open' }, orderBy: 'at', limit: mostOpen });
      const others =
        state === 'open'
          ? []
          : (await rows.list({ where: { environment }, orderBy: 'at', descending: true, limit: 50 })).filter(
              (row) => row.state !== 'open',
            );
      return seenAll(actor, [...open, ...others].slice(0, 50));
    },
    get: async (actor, ref) => seen(actor, await findProposal(database, ref.environment, ref.proposal)),
    approve: async (actor, ref, reason) => seen(actor, await approve(actor, ref, trimmed(reason))),
    async withdraw(actor, ref, reason) {
      const found = await findProposal(database, ref.environment, ref.proposal);
      if (!found.ok) return found;
      const why = trimmed(reason);
      const decision = { by: toPerson(actor), at: nowText(), ...(why === undefined ? {} : { reason: why }) };
      return seen(
        actor,
        await changeProposal(database, found.value.id, (now) =>
          now.state === 'open'
            ? ok({ ...now, state: 'withdrawn', withdrawn: decision })
            : refused(alreadyDecided(now)),
        ),
      );
    },
    async openProposals(organization, actor) {
      if (authorize(actor, 'environment.read', { organization }) !== 'allowed') return [];
      const where = { organization, state: 'open' } as const;
      return seenAll(actor, await rows.list({ where, orderBy: 'at', limit: 200 }));
    },
    openForSovereignAdmins,
    async resume() {
      for (const row of await rows.list({ where: { state: 'approved' }, limit: 1_000 }))
        try {
          const done = await commit(row);
          if (!done.ok)
            deps.logger.warn({ proposal: row.id, problems: done.problems }, 'an approved policy was refused');
        } catch (error) {
          deps.logger.warn({ err: error, proposal: row.id }, 'an approved policy could not be committed yet');
        }
    },
    forget: (gone) => forgetProposals(database, gone),
  };
}

function saysTheSame(environment: string, wanted: string, { policy }: PresentPolicy): boolean {
  const parsed = parsePolicyFile(policyPath(environment), wanted);
  return parsed.ok && policy !== undefined && JSON.stringify(parsed.value) === JSON.stringify(policy);
}

const toPerson = ({ id, name, email }: Actor) => ({ id, name, email });
const plain = (problems: readonly Problem[]) => problems.map((problem) => ({ ...problem }));
const trimmed = (reason: string | undefined) => reason?.trim() || undefined;

const nothingToReview = (environment: string): Problem => ({
  code: 'NothingToReview',
  message: `${environment} has no policy. The first one only tightens, so it is put at once: PUT /v1/environments/${environment}/policy.`,
});
const unchanged = (environment: string): Problem => ({
  code: 'Unchanged',
  message: `This is what the policy of ${environment} says already. Change something before you propose it.`,
});
const tooMany: Problem = {
  code: codes.TooMany,
  message: `At most ${mostOpen} changes of one policy can wait. Approve or withdraw one first.`,
};
