import type { Person, PullRequest, Reviews } from '../../ports/reviews.ts';

/** Catalyst itself, as its comments and merges name it. */
export const catalyst: Person = { id: 'system', name: 'Catalyst', email: '' };

/**
 * Has Catalyst say something under a pull request, unless it said the very same since `since`: whoever resumes after a crash says it again.
 * A full discussion is no reason to stop.
 */
export async function sayOnce(
  reviews: Pick<Reviews, 'comment' | 'comments'>,
  { repository, number }: Pick<PullRequest, 'repository' | 'number'>,
  text: string,
  times: { readonly since: string; readonly now: number },
): Promise<void> {
  const said = (await reviews.comments(repository, number)).some(
    (comment) => comment.by.id === catalyst.id && comment.text === text && comment.at >= times.since,
  );
  if (said) return;
  await reviews.comment(repository, number, {
    by: catalyst,
    text,
    at: new Date(times.now).toISOString(),
  });
}
