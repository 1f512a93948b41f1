import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { policyPath } from '@catalyst/model/resources/environment-policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { Person } from '../../ports/reviews.ts';
import { configBranch, configRepository } from '../receiving/config-repository.ts';
import { readPresent } from './present-policy.ts';
import { changeProposal, type ProposalRow } from './proposal-rows.ts';

/** What committing needs. */
export interface CommitProposalDeps {
  readonly repositories: () => Pick<Repositories, 'head' | 'files' | 'read' | 'commit' | 'commitsBetween'>;
  readonly database: Database;
  readonly clock: Clock;
}

const mostAttempts = 20;
const catalyst = { id: 'system', name: 'Catalyst', surface: 'system' } as const;
const trailer = 'Policy-Proposal';

/** A proposal was made from a policy that is no longer the present one. */
export const overtaken: Problem = {
  code: codes.Stale,
  message:
    'The policy changed after this was proposed, so nobody knows whether this is still wanted. Look at the policy as it is now, and propose the change again.',
};

/**
 * Makes the commit of an approved proposal, or finds the one that a crash left unrecorded. Safe to repeat and to run at once: the head
 * that it was decided from is expected, and its commit carries the id.
 */
export function createCommitProposal(deps: CommitProposalDeps) {
  const { database } = deps;

  /** The commit carries the id and what was wanted; a pusher can write the first, the second would have done the same. */
  async function findCommit(row: ProposalRow, head: string): Promise<string | undefined> {
    if (!row.approved || head === row.approved.head) return undefined;
    const repositories = deps.repositories();
    const path = policyPath(row.environment);
    for (const { revision, message } of await repositories.commitsBetween(
      configRepository,
      row.approved.head,
      head,
    )) {
      if (!message.split('\n').includes(`${trailer}: ${row.id}`)) continue;
      const bytes = await repositories.read(configRepository, revision, path);
      if ((bytes ? new TextDecoder().decode(bytes) : null) === row.wanted) return revision;
    }
    return undefined;
  }

  const settle = (row: ProposalRow, revision: string) =>
    changeProposal(database, row.id, (present) =>
      ok(
        present.state === 'committed'
          ? present
          : {
              ...present,
              state: 'committed',
              committed: { revision, at: new Date(deps.clock.now()).toISOString() },
            },
      ),
    );

  async function refuse(row: ProposalRow, problems: readonly Problem[]): Promise<Result<ProposalRow>> {
    const written = await changeProposal(database, row.id, (present) =>
      ok(present.state === 'approved' ? { ...present, state: 'refused', refusal: problems } : present),
    );
    return written.ok && written.value.state === 'committed' ? written : refused(...problems);
  }

  return async (row: ProposalRow): Promise<Result<ProposalRow>> => {
    const repositories = deps.repositories();
    const path = policyPath(row.environment);
    for (let attempt = 1; ; attempt += 1) {
      const { head, file } = await readPresent(repositories, row.environment);
      const made = await findCommit(row, head);
      if (made !== undefined) return settle(row, made);
      if (file?.blob !== row.base.blob) return refuse(row, [overtaken]);
      const { name, email } = row.proposedBy;
      const committed = await repositories.commit({
        repository: configRepository,
        branch: configBranch,
        expectedHead: head,
        changes: { [path]: row.wanted },
        message: messageOf(row),
        author: { name, email },
        pusher: catalyst,
        under: { kind: 'policy-proposal', id: row.id },
      });
      if (committed.ok) return settle(row, committed.value.newRevision);
      if (committed.problems[0]?.code !== codes.Conflict || attempt >= mostAttempts)
        return refuse(row, committed.problems);
    }
  };
}

/** One line of the message of a commit: nothing that people wrote begins another one. */
const line = (text: string) => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
const whom = ({ name, email }: Person) => `${line(name)} <${line(email)}>`;

/** Says what, why, who proposed and who approved. */
export function messageOf(row: ProposalRow): string {
  const { approved, proposedBy } = row;
  const verb = row.wanted === null ? 'Stop protecting' : 'Change the policy of';
  const paragraphs = [`${verb} ${row.environment}`, line(row.reason)];
  if (approved?.alone)
    paragraphs.push(
      `Confirmed by its own proposer, the only sovereign-admin, because nobody else may approve it: ${line(approved.reason ?? '')}`,
    );
  else if (approved?.reason) paragraphs.push(`On approval: ${line(approved.reason)}`);
  const trailers = [
    `${trailer}: ${row.id}`,
    `Proposed-by: ${whom(proposedBy)}`,
    ...(approved ? [`${approved.alone ? 'Confirmed-alone-by' : 'Approved-by'}: ${whom(approved.by)}`] : []),
  ];
  return `${paragraphs.join('\n\n')}\n\n${trailers.join('\n')}\n`;
}
