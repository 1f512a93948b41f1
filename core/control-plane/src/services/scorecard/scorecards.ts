import type { CriterionView, LostPointsView, Scorecard } from '@catalyst/model/api/scorecard.ts';
import type { EnvType } from '@catalyst/model/names.ts';
import { branchOf } from '@catalyst/model/names.ts';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import {
  type ApplicationScore,
  type CriterionScore,
  type LostPoints,
  scoreApplication,
} from '@catalyst/model/scoring/score-application.ts';
import { type Known, known, type RunningFact, unknown } from '@catalyst/model/scoring/score-facts.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Repositories } from '../../ports/repositories.ts';
import { readRevision } from '../provisioning/branch-files.ts';
import { readOwnership } from '../receiving/owners.ts';
import { readScoreFacts, type ScoreFactsDeps } from './read-score-facts.ts';

/** The Environment whose Application is scored; the caller has been authorised for it. */
export interface ScorecardScope {
  readonly organization: string;
  readonly environment: string;
  readonly envType: EnvType;
}

/** RE scores of Applications as they run, made when they are asked for. */
export interface Scorecards {
  /**
   * Of the head of the branch, with what was observed in the Environment: while a change is rolled out, Pods of the revision before
   * may be among it. Changes nothing.
   */
  of(scope: ScorecardScope, view: ApplicationView): Promise<Scorecard>;
}

const mostLost = 50;
const mostCheapest = 3;

/** Creates the service. */
export function createScorecards(
  deps: ScoreFactsDeps & { readonly repositories: Pick<Repositories, 'files' | 'read'> },
): Scorecards {
  return {
    async of(scope, view) {
      const { revision, appliedRevision } = view;
      const repository = { organization: scope.organization, name: view.name };
      const about = {
        environment: scope.environment,
        application: view.name,
        revision,
        ...(appliedRevision === undefined ? {} : { appliedRevision }),
      };
      const none = (why: string): Scorecard => ({ ...about, why, criteria: [], cheapest: [], unknown: [] });
      try {
        const read = await readScoreFacts(deps, {
          ...scope,
          branch: branchOf(scope.envType),
          application: view.name,
          files: await readRevision(deps.repositories, repository, revision),
          ownership: await readOwnership(deps.repositories, repository, revision),
          running: runningOf(view),
        });
        if (read.kind !== 'facts') return none(read.why);
        return { ...about, ...toView(scoreApplication(read.facts)) };
      } catch (error) {
        if (error instanceof CatalystError && error.code === codes.NotFound)
          return none(`The revision ${revision.slice(0, 10)} is not in the repository any more.`);
        throw error;
      }
    },
  };
}

function runningOf(view: ApplicationView): Known<readonly RunningFact[]> {
  if (view.state === 'Unknown')
    return unknown(view.why?.message ?? 'How it runs cannot be observed at the moment.');
  const { environment, state, instances } = view;
  return known([{ environment, state, pods: instances }]);
}

function toView({
  value,
  criteria,
  lost,
}: ApplicationScore): Pick<Scorecard, 'score' | 'why' | 'criteria' | 'cheapest' | 'unknown'> {
  return {
    ...(value === undefined ? { why: 'None of the criteria applies to it.' } : { score: value }),
    criteria: criteria.map(toCriterion),
    cheapest: lost.slice(0, mostCheapest).map(toLost),
    unknown: criteria
      .filter(({ status }) => status === 'unknown')
      .map(({ id, title, why = '' }) => ({ id, title, why })),
  };
}

function toCriterion({ lost, sources, ...criterion }: CriterionScore): CriterionView {
  return {
    ...criterion,
    sources: sources.map((source) => ({ ...source })),
    lost: lost.slice(0, mostLost).map(toLost),
    lostMore: Math.max(0, lost.length - mostLost),
  };
}

function toLost({ fix, ...lost }: LostPoints): LostPointsView {
  return { ...lost, fix: { ...fix, settings: fix.settings.map((setting) => ({ ...setting })) } };
}
