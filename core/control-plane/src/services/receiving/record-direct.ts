import type { PolicyFacts } from '@catalyst/model/policy/facts.ts';
import { evaluatePolicy, type Policy } from '@catalyst/model/policy/policy.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { ProposedUpdate, Repositories } from '../../ports/repositories.ts';
import type { Verdicts } from '../verdict/verdicts.ts';

/** What a change without a pull request was judged by. */
export interface DirectQuestion {
  readonly policy: Policy | undefined;
  readonly configRevision?: string | undefined;
  readonly facts: PolicyFacts;
}

const none = /^0+$/;
/** Codes of refusals that a gate stands for. */
const gateOf: Readonly<Record<string, string>> = { Held: 'hold' };

/**
 * Records what was decided of a push, a commit or a rollback, before the ref moves. Pull requests record theirs where their gates are
 * asked; of an operation, and of what nothing protects, nothing is decided.
 */
export async function recordDirect(
  deps: {
    readonly repositories: Pick<Repositories, 'head'>;
    readonly verdicts: Pick<Verdicts, 'record'>;
  },
  update: ProposedUpdate,
  { environment, branch }: { readonly environment: string; readonly branch: string },
  { policy, configRevision, facts }: DirectQuestion,
  problems: readonly Problem[],
): Promise<void> {
  const { repository, under, pusher, oldRevision, newRevision } = update;
  if (under?.kind === 'pull-request' || under?.kind === 'operation') return;
  const way = under?.kind === 'rollback' ? 'rollback' : 'direct';
  const allowed = problems.length === 0;
  if (allowed && (!policy || (await isStale(deps.repositories, update, branch)))) return;
  const change = { environment, way } as const;
  await deps.verdicts.record({
    ...(policy ? { policy } : {}),
    change,
    facts,
    outcome: evaluatePolicy(policy, change, facts),
    organization: repository.organization,
    environment,
    application: repository.name,
    branch,
    head: newRevision,
    base: oldRevision,
    by: { id: pusher.id, name: pusher.name, surface: pusher.surface },
    ...(configRevision === undefined ? {} : { configRevision }),
    further: problems.flatMap(({ code, message }) => {
      const rule = gateOf[code];
      return rule === undefined ? [] : [{ rule, allowed: false, reason: message }];
    }),
    problems: [...new Set(problems.map(({ code }) => code))].filter(
      (code) => code !== 'Protected' && gateOf[code] === undefined,
    ),
    allowed,
  });
}

/** Git itself refuses what does not begin where the branch is; that decides nothing. */
async function isStale(
  repositories: Pick<Repositories, 'head'>,
  { repository, oldRevision }: ProposedUpdate,
  branch: string,
): Promise<boolean> {
  const head = await repositories.head(repository, branch);
  return head === undefined ? !none.test(oldRevision) : head !== oldRevision;
}
