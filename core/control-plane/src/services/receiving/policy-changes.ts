import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { codes, type Problem, type Result } from '@catalyst/model/problem.ts';
import type { ConfigTree } from '@catalyst/model/resources/config-tree.ts';
import type { ProposedUpdate, TreeFile } from '../../ports/repositories.ts';

/** What an approved proposal makes of the policy of an Environment; refused where there is no such proposal, or it is not approved. */
export type PolicyProposalGate = (id: string) => Promise<
  Result<{
    readonly path: string;
    /** Blob that it was made from. */
    readonly base: string;
    /** Null: the file goes. */
    readonly wanted: string | null;
  }>
>;

const folder = 'policies/';

/**
 * Why the policies that an update changes may not be changed so. A first one only tightens, and one goes with its Environment; every
 * other change comes under an approved proposal and is exactly what was approved.
 */
export async function checkPolicyChanges(
  gate: PolicyProposalGate,
  update: ProposedUpdate,
  before: readonly TreeFile[],
  tree: Pick<ConfigTree, 'environments'>,
): Promise<Problem[]> {
  const after = new Map((await update.files()).map(({ path, blob }) => [path, blob]));
  if (update.under?.kind === 'policy-proposal')
    return checkProposal(gate, update, update.under.id, before, after);
  const environments = new Set(tree.environments.map(({ metadata }) => metadata.name));
  return before
    .filter(({ path, blob }) => path.startsWith(folder) && after.get(path) !== blob)
    .map(({ path }) => ({ path, environment: path.slice(folder.length).replace(/-policy\.yaml$/, '') }))
    .filter(({ path, environment }) => after.has(path) || environments.has(environment))
    .map(({ path, environment }) => ({ ...needsReview(environment), file: path }));
}

/** What a change of a policy past its review is told. */
export function needsReview(environment: string): Problem {
  const organization = parseEnvironmentName(environment)?.organization ?? '';
  return {
    code: 'ReviewNeeded',
    message: `${environment} has a policy, and it is changed or removed only by a proposal that somebody else approves. Propose it in the console (Organization ${organization}, Protection) or with POST /v1/environments/${environment}/policy/proposals.`,
  };
}

async function checkProposal(
  gate: PolicyProposalGate,
  update: ProposedUpdate,
  id: string,
  before: readonly TreeFile[],
  after: ReadonlyMap<string, string>,
): Promise<Problem[]> {
  const approved = await gate(id);
  if (!approved.ok) return [...approved.problems];
  const { path, base, wanted } = approved.value;
  const old = new Map(before.map((file) => [file.path, file.blob]));
  if (old.get(path) !== base)
    return [
      {
        code: codes.Stale,
        file: path,
        message: 'The policy is not what this proposal was made from. Propose the change again.',
      },
    ];
  const others = [...new Set([...old.keys(), ...after.keys()])].filter(
    (other) => other !== path && old.get(other) !== after.get(other),
  );
  const bytes = after.has(path) ? await update.read(path) : undefined;
  const text = bytes ? new TextDecoder().decode(bytes) : null;
  return others.length > 0 || text !== wanted
    ? [
        {
          code: codes.Denied,
          file: others[0] ?? path,
          message: 'This is not what was proposed and approved.',
        },
      ]
    : [];
}
