import type { CriterionView, LostPointsView, Scorecard } from '@catalyst/model/api/scorecard.ts';

/** Where a fix is made, as a page of the console and what leads there. */
export interface FixPlace {
  readonly to: string;
  readonly label: string;
}

/** The page on which a fix is made; undefined where it is made in a file. */
export function placeOf(
  way: LostPointsView['fix']['way'],
  of: { readonly environment: string; readonly application: string; readonly blueprint: string },
): FixPlace | undefined {
  const page = `/environments/${of.environment}/applications/${of.application}`;
  switch (way) {
    case 'settings':
      return { to: `${page}/settings`, label: 'Open the settings' };
    case 'upgrade':
      return { to: `${page}/settings`, label: 'Choose a version' };
    case 'look':
      return { to: `${page}/logs`, label: 'Read the logs' };
    case 'blueprint':
      return { to: `/marketplace/${of.blueprint}`, label: 'See the Blueprint' };
    case 'codeowners':
      return undefined;
  }
}

/** The colour of a score or of a share of points. */
export function toneOf(share: number): 'green' | 'amber' | 'red' {
  return share >= 0.8 ? 'green' : share >= 0.5 ? 'amber' : 'red';
}

/** `8 of 12 points`; at most one decimal. */
export function pointsWords({ earned, points }: Pick<CriterionView, 'earned' | 'points'>): string {
  return `${earned} of ${points} points`;
}

/** The criteria in three groups: those that lose points, most first; those that are met; those that are left out. */
export function groupCriteria({ criteria }: Pick<Scorecard, 'criteria'>) {
  const isLosing = ({ status }: CriterionView) => status === 'lost' || status === 'partly';
  return {
    losing: criteria
      .filter(isLosing)
      .toSorted((left, right) => right.points - right.earned - (left.points - left.earned)),
    met: criteria.filter(({ status }) => status === 'met'),
    leftOut: criteria.filter(({ status }) => status === 'unknown' || status === 'not-applicable'),
  };
}
