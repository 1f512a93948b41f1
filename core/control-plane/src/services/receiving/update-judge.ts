import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { ProposedUpdate, UpdateFacts, UpdateJudge } from '../../ports/repositories.ts';
import { createPolicyCheck } from '../policy-proposal/policy-check.ts';
import {
  type ApplicationJudge,
  type ApplicationJudgeDeps,
  createApplicationJudge,
} from './application-judge.ts';
import { createConfigJudge } from './config-judge.ts';
import type { ConfigNamesDeps } from './config-names.ts';
import { configRepository } from './config-repository.ts';
import { checkNamesNothing } from './named-by-push.ts';

/**
 * The one decision about every ref movement, whichever surface asked for it (design.md section 4). Each organization of
 * repositories has its own rules; what has none is refused.
 */
export function createUpdateJudge(
  deps: ApplicationJudgeDeps & Pick<ConfigNamesDeps, 'contents'>,
): UpdateJudge & Pick<ApplicationJudge, 'examine'> {
  const applications = createApplicationJudge(deps);
  const judgeConfig = createConfigJudge({
    repositories: deps.repositories,
    checkPolicy: createPolicyCheck(deps.protection),
    policyProposal: deps.protection.policyProposal,
    contents: deps.contents,
    isBeingDeleted: deps.isBeingDeleted,
  });

  async function judgeOne(update: ProposedUpdate): Promise<Result<UpdateFacts>> {
    const { organization, name } = update.repository;
    if (organization === configRepository.organization && name === configRepository.name)
      return judgeConfig(update);
    if (organization === 'system' || organization === 'catalog' || organization === 'catalog-sovereign')
      return refused({ code: codes.Denied, message: `${organization}/${name} cannot be changed by a push.` });
    const named = checkNamesNothing(update);
    return named.length > 0 ? refused(...named) : applications.judge(update);
  }

  return {
    examine: applications.examine,
    async judge(updates) {
      const facts: UpdateFacts[] = [];
      const problems: Problem[] = [];
      for (const update of updates) {
        const verdict = await judgeOne(update);
        if (verdict.ok) facts.push(verdict.value);
        else problems.push(...verdict.problems);
      }
      return problems.length > 0 ? refused(...problems) : ok(facts);
    },
  };
}
