import { durationWords } from '@catalyst/model/change-window/duration.ts';
import { listWords } from '@catalyst/model/policy/approvals.ts';
import type { PolicyFacts } from '@catalyst/model/policy/facts.ts';
import { otherBaseWords } from '@catalyst/model/policy/soak.ts';

/** What was known when it was decided, a sentence each. */
export function factWords({ review, soaks = [], otherBase, checks = [], breakGlass }: PolicyFacts): string[] {
  const words: string[] = [];
  const namesOf = (verdict: 'approve' | 'request-changes') =>
    (review?.reviews ?? [])
      .filter((entry) => entry.verdict === verdict && entry.revision === review?.head)
      .map(({ by }) => by.name);
  const [approved, against] = [namesOf('approve'), namesOf('request-changes')];
  if (approved.length > 0) words.push(`${listWords(approved)} approved this very revision.`);
  if (against.length > 0) words.push(`${listWords(against)} asked for changes of it.`);
  for (const { environment, healthyMs } of soaks)
    words.push(
      healthyMs > 0
        ? `It had been Running in ${environment} for ${durationWords(healthyMs)}.`
        : `It had not been Running in ${environment}.`,
    );
  if (otherBase)
    words.push(`Merging would have made another base/ than that of its head: ${otherBaseWords(otherBase)}.`);
  for (const { name, status, revision, by } of checks)
    if (revision === review?.head)
      words.push(
        `The check ${name} said ${status}${by ? `, posted by the token ${by.token} of ${by.owner}` : ''}.`,
      );
  if (breakGlass) words.push(`${breakGlass.by.name} had broken the glass: ${breakGlass.reason}`);
  return words;
}
