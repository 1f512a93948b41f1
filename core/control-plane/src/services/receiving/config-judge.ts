import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { parseConfigTree } from '@catalyst/model/resources/config-tree.ts';
import { policyPath } from '@catalyst/model/resources/environment-policy.ts';
import type { ProposedUpdate, Repositories, TreeFile, UpdateFacts } from '../../ports/repositories.ts';
import type { PolicyCheck } from '../policy-proposal/policy-check.ts';
import { type ConfigNamesDeps, checkConfigNames } from './config-names.ts';
import { configBranch, configRepository } from './config-repository.ts';
import { checkPolicyChanges, type PolicyProposalGate } from './policy-changes.ts';

/** What the judgement of `system/catalyst-config` needs to know. */
export interface ConfigJudgeDeps extends ConfigNamesDeps {
  readonly repositories: () => Pick<Repositories, 'files'>;
  readonly checkPolicy: PolicyCheck;
  readonly policyProposal: PolicyProposalGate;
}

/** Judges the Organizations, Environments and policies of the Sovereign. */
export function createConfigJudge(deps: ConfigJudgeDeps) {
  const filesBefore = async (update: ProposedUpdate): Promise<readonly TreeFile[]> =>
    /^0+$/.test(update.oldRevision) ? [] : deps.repositories().files(configRepository, update.oldRevision);

  /** Files that say what they said before; a policy among them is not asked again whether its approvers are still there. */
  async function unchanged(
    update: ProposedUpdate,
    before: readonly TreeFile[],
  ): Promise<ReadonlySet<string>> {
    const blobs = new Set(before.map(({ path, blob }) => `${path} ${blob}`));
    const same = (await update.files()).filter(({ path, blob }) => blobs.has(`${path} ${blob}`));
    return new Set(same.map(({ path }) => path));
  }

  return async (update: ProposedUpdate): Promise<Result<UpdateFacts>> => {
    if (update.ref !== `refs/heads/${configBranch}` || /^0+$/.test(update.newRevision))
      return refused({
        code: codes.Denied,
        message: `catalyst-config has one branch, "${configBranch}", and it cannot be deleted.`,
      });
    const files: Record<string, string> = {};
    for (const file of await update.files()) {
      if (file.mode !== '100644' && file.mode !== '100755')
        return refused({ code: 'Symlink', file: file.path, message: 'Only regular files are accepted.' });
      files[file.path] = new TextDecoder().decode(await update.read(file.path));
    }
    const tree = parseConfigTree(files);
    if (!tree.ok) return tree;
    const before = await filesBefore(update);
    const changes = await checkPolicyChanges(deps.policyProposal, update, before, tree.value);
    if (changes.length > 0) return refused(...changes);
    const names = await checkConfigNames(deps, update, before);
    if (names.length > 0) return refused(...names);
    const same = await unchanged(update, before);
    const environments = new Set(tree.value.environments.map(({ metadata }) => metadata.name));
    const problems: Problem[] = [];
    for (const policy of tree.value.policies)
      if (!same.has(policyPath(policy.environment)))
        problems.push(...(await deps.checkPolicy(policy, environments)));
    return problems.length > 0 ? refused(...problems) : ok({});
  };
}
