import { environmentName, envTypes, parseEnvironmentName } from '@catalyst/model/names.ts';
import type { ScoreFact } from '@catalyst/model/policy/facts.ts';
import type { Policy } from '@catalyst/model/policy/policy.ts';
import { scoreApplication } from '@catalyst/model/scoring/score-application.ts';
import { type Known, known, type RunningFact, unknown } from '@catalyst/model/scoring/score-facts.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { FileChanges, MergeOutcome, Repositories } from '../../ports/repositories.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import { applyChanges, type BranchFiles, readRevision } from '../provisioning/branch-files.ts';
import { readOwnership } from '../receiving/owners.ts';
import { readScoreFacts, type ScoreFactsDeps } from '../scorecard/read-score-facts.ts';
import { differingPaths, readBase, readMergedBase } from './merged-base.ts';

/**
 * The RE score of what merging a pull request into a head of its destination would make run there; undefined unless the policy asks
 * for one. Never throws for what the pull request holds: what cannot be scored is said.
 */
export type ReadScores = (
  policy: Policy | undefined,
  pullRequest: PullRequest,
  destinationHead: string,
  outcome: Pick<MergeOutcome, 'changes' | 'conflicts'>,
) => Promise<ScoreFact | undefined>;

type ScoreDeps = ScoreFactsDeps & {
  readonly repositories: Pick<Repositories, 'files' | 'read' | 'treeOf'>;
  /** The card as it is shown now: how an Application runs. */
  readonly viewOf: (environment: string, application: string) => ApplicationView | undefined;
};

const mostLost = 5;

/** Reads scores for the gates; renders come from the cache where they can. */
export function createReadScores(deps: ScoreDeps): ReadScores {
  /**
   * How the content that is brought runs elsewhere, by what merging makes of `base/`; of a promotion, by that of its source (ADR 19). What
   * runs in the destination is what it replaces: its crash loop must not keep out the change that ends it.
   */
  async function runningOf(
    { repository, environment, head, promotion }: PullRequest,
    destinationHead: string,
    changes: FileChanges,
  ): Promise<Known<readonly RunningFact[]>> {
    const { repositories } = deps;
    const base = promotion
      ? await readBase(repositories, repository, head)
      : await readMergedBase(repositories, repository, destinationHead, changes);
    const found: RunningFact[] = [];
    for (const envType of envTypes) {
      const name = environmentName(repository.organization, envType);
      const view = name === environment ? undefined : deps.viewOf(name, repository.name);
      if (!view || base.size === 0 || view.state === 'Unknown') continue;
      // The state of a card is that of the head of its branch, also of one that does not come to run, or is gone.
      if ((await repositories.treeOf(repository, view.revision, 'base')) === undefined) continue;
      if (differingPaths(await readBase(repositories, repository, view.revision), base).length === 0)
        found.push({ environment: name, state: view.state, pods: view.instances });
    }
    return found.length > 0
      ? known(found)
      : unknown('This content was not seen running in another Environment.');
  }

  return async (policy, pullRequest, destinationHead, { changes, conflicts }) => {
    if (!policy?.rules.some(({ kind }) => kind === 're-score-gate')) return undefined;
    const { repository, environment, destination } = pullRequest;
    const envType = parseEnvironmentName(environment)?.envType;
    if (conflicts.length > 0 || envType === undefined)
      return { kind: 'unknown', why: `${destination} changed it too, which must be decided first.` };
    const read: Repositories['read'] = async (of, revision, path) => {
      const content = changes[path];
      if (content === undefined) return deps.repositories.read(of, revision, path);
      return typeof content === 'string' ? new TextEncoder().encode(content) : (content ?? undefined);
    };
    const facts = await readScoreFacts(deps, {
      organization: repository.organization,
      environment,
      envType,
      branch: destination,
      application: repository.name,
      files: toMerged(await readRevision(deps.repositories, repository, destinationHead), changes),
      ownership: await readOwnership({ read }, repository, destinationHead),
      running: await runningOf(pullRequest, destinationHead, changes),
    });
    if (facts.kind !== 'facts') return facts;
    return toFact(scoreApplication(facts.facts));
  };
}

function toMerged(files: BranchFiles, changes: MergeOutcome['changes']): BranchFiles {
  const bytes = new Map(
    [...applyChanges(files.bytes, changes)].filter(([path]) => /^(?:base|overlays)\//.test(path)),
  );
  const decoder = new TextDecoder();
  const texts = Object.fromEntries([...bytes].map(([path, content]) => [path, decoder.decode(content)]));
  return { head: files.head, bytes, texts };
}

function toFact({ value, lost, criteria }: ReturnType<typeof scoreApplication>): ScoreFact {
  if (value === undefined)
    return { kind: 'nothing', why: 'None of the criteria of the RE score applies to it.' };
  return {
    kind: 'scored',
    value,
    lost: lost
      .slice(0, mostLost)
      .map(({ criterion, object, points, fix }) => ({ criterion, object, points, fix: fix.sentence })),
    unknown: criteria.filter(({ status }) => status === 'unknown').map(({ title }) => title),
  };
}
