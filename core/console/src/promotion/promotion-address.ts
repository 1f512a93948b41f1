import type { PullRequestSummary } from '@catalyst/model/api/reviews.ts';

/** One of the pull requests of a promotion, as an address names it. */
export type Opened = Pick<PullRequestSummary, 'application' | 'number'>;

const mostOpened = 20;

/** Where promoting Applications into an Environment is planned; without Applications, they are chosen there. */
export function promotePath(
  destination: string,
  { from, applications = [] }: { readonly from: string; readonly applications?: readonly string[] },
): string {
  const query = new URLSearchParams([
    ['from', from],
    ...applications.map((application): [string, string] => ['application', application]),
  ]);
  return `/environments/${destination}/promote?${query.toString()}`;
}

/** Where the pull requests of one promotion are followed, in the order in which they are merged. */
export function promotionPath(destination: string, opened: readonly Opened[]): string {
  const query = new URLSearchParams(
    opened.map(({ application, number }): [string, string] => ['opened', `${application}/${number}`]),
  );
  return `/environments/${destination}/promotion?${query.toString()}`;
}

/** Reads them back; what is no pull request is left out. */
export function parseOpened(given: readonly string[]): Opened[] {
  return given.slice(0, mostOpened).flatMap((text) => {
    const [, application, number] = /^([a-z][a-z0-9-]{0,39})\/([1-9]\d{0,8})$/.exec(text) ?? [];
    return application === undefined ? [] : [{ application, number: Number(number) }];
  });
}
