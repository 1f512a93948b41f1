import { ok, refused } from '@catalyst/model/problem.ts';
import { createBareGitRepositories } from '../../../adapters/repositories/bare-git/bare-git-repositories.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Repositories, UpdateJudge } from '../../../ports/repositories.ts';
import { createConfigJudge } from '../../receiving/config-judge.ts';
import type { ConfigNamesDeps } from '../../receiving/config-names.ts';
import { configRepository } from '../../receiving/config-repository.ts';

/** Passes everything in Organizations, and says that an Application is gone where its branch no longer holds it. */
const judgeApplications: UpdateJudge = {
  async judge(updates) {
    const facts = updates.map(async ({ ref, repository, files }) => {
      const installed = (await files()).some(({ path }) => path === 'base/application.yaml');
      if (ref !== 'refs/heads/develop' || installed) return {};
      return { environment: `${repository.organization}-dev`, declaration: null };
    });
    return ok(await Promise.all(facts));
  },
};

/** Repositories on the disk, those of the configuration judged as in the product, whose next commits can be told to come too late. */
export function createRealRepositories(
  options: {
    readonly root: string;
    readonly database: Database;
    readonly clock: Clock;
    readonly logger: Logger;
  } & ConfigNamesDeps,
): Repositories & { failNextCommits(count: number): void } {
  const judgeConfig = createConfigJudge({
    ...options,
    repositories: () => repositories,
    checkPolicy: async () => [],
    policyProposal: async () => refused({ code: 'NotFound', message: 'There are no proposals here.' }),
  });
  const judge: UpdateJudge = {
    async judge(updates) {
      const [first] = updates;
      if (first?.repository.organization !== configRepository.organization)
        return judgeApplications.judge(updates);
      const verdict = await judgeConfig(first);
      return verdict.ok ? ok([verdict.value]) : verdict;
    },
  };
  const repositories: Repositories = createBareGitRepositories({ ...options, judge });
  let conflicts = 0;
  return {
    ...repositories,
    failNextCommits(count) {
      conflicts = count;
    },
    async commit(request) {
      conflicts -= 1;
      if (conflicts >= 0) return refused({ code: 'Conflict', message: 'The head has moved.' });
      return repositories.commit(request);
    },
  };
}
