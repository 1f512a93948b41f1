import { basePaths } from '@catalyst/model/application-repository/paths.ts';
import { evidenceLine, toEvidence } from '@catalyst/model/policy/rollback-evidence.ts';
import { codes, type Problem } from '@catalyst/model/problem.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { sayOnce } from '../review/say-once.ts';
import { catalystActor, changeWatch, endWatch, type WatchDeps } from './watch-context.ts';
import { type WatchRow, watchesTable, watchId } from './watch-rows.ts';

const retryMs = 60_000;
/** Merges that followed one another without any of them having come to run. */
const mostFollowing = 20;
const short = (revision: string) => revision.slice(0, 7);

/**
 * Goes back in steps that are durable one by one: the decision with its plan, the commit (which names the plan, so that it is found again
 * and not made twice), the comment, the end.
 */
export function createRollingBack(deps: WatchDeps) {
  const { database, clock, provisioning } = deps;
  const repositoryOf = ({ organization, application }: WatchRow) => ({ organization, name: application });

  /** What was there before; before several merges in a row of which none came to run, what was there before the first of them. */
  async function goBackTo(row: WatchRow): Promise<string> {
    const { environment, application } = row;
    let to = row.before;
    for (let step = 0; step < mostFollowing; step += 1) {
      const earlier = await database.table(watchesTable).get(watchId(environment, application, to));
      if (earlier?.end !== 'superseded') return to;
      to = earlier.before;
    }
    return to;
  }

  async function say(row: WatchRow, text: string): Promise<void> {
    const { organization, application, pullRequest, mergedAt } = row;
    const of = { repository: { organization, name: application }, number: pullRequest };
    // Forgotten with its Organization, it has nobody to tell.
    if (!(await deps.reviews.get(of.repository, of.number))) return;
    await sayOnce(deps.reviews, of, text, { since: mergedAt, now: clock.now() });
  }

  async function giveUp(row: WatchRow, evidence: string, why: string): Promise<undefined> {
    const message = `It is not rolled back by itself: ${why}`;
    await say(row, `${evidence}\n\n${message}`);
    await deps.told?.(row, message, 'not-rolled-back');
    await endWatch(database, row, { end: 'not-rolled-back', message }, clock.now());
    return undefined;
  }

  async function begin(row: WatchRow, view: ApplicationView | undefined): Promise<number | undefined> {
    const { application, environment, revision, pullRequest, after = '' } = row;
    // Decided upon a card; without one nothing was observed.
    if (!view) return clock.now() + retryMs;
    const evidence = toEvidence(view);
    const line = evidenceLine(evidence, after, pullRequest);
    const to = await goBackTo(row);
    if (!(await deps.repositories.read(repositoryOf(row), to, basePaths.application)))
      return giveUp(
        row,
        evidenceLine(evidence, after, pullRequest, ''),
        `there is nothing to go back to, because ${application} was not installed in ${environment} before. It stays as it is; nothing is uninstalled by itself.`,
      );
    const request = { action: 'rollback', application, revision: to, reason: line } as const;
    const made = await provisioning.plan(catalystActor, environment, request);
    if (!made.ok) throw new Error(made.problems.map(({ message }) => message).join(' '));
    const { id, problems, pins = [] } = made.value;
    if (problems.length > 0)
      return giveUp(row, evidenceLine(evidence, after, pullRequest, ''), whyNoPlan(row, problems));
    const pin = pins.find(({ repository }) => repository === `${row.organization}/${application}`);
    // Somebody was faster: the next look finds whose head it is.
    if (pin?.head !== revision) return clock.now();
    const decided = await changeWatch(database, row, {
      state: 'rolling-back',
      plan: { id, to, reason: line },
      evidence,
    });
    return decided?.state === 'rolling-back' ? goOn(decided) : undefined;
  }

  /** The commit of the plan, should it be there although nobody knows of it any more. */
  async function findCommit(row: WatchRow, planId: string): Promise<string | undefined> {
    const commits = await deps.repositories.history(repositoryOf(row), row.branch, { limit: 20 });
    return commits.find(({ message }) => message.includes(`Catalyst-Plan: ${planId}`))?.revision;
  }

  async function finish(row: WatchRow, rollbackRevision: string): Promise<undefined> {
    const { plan, application, environment } = row;
    const message = `${plan?.reason ?? ''}\n\n${application} is back at ${short(plan?.to ?? '')} in ${environment} as ${short(rollbackRevision)}, and held until somebody releases it.`;
    await say(row, message);
    await deps.told?.(row, plan?.reason ?? '', 'rolled-back');
    const end = { end: 'rolled-back', message: plan?.reason ?? '', rollbackRevision } as const;
    await endWatch(database, row, end, clock.now());
    return undefined;
  }

  async function goOn(row: WatchRow): Promise<number | undefined> {
    const { environment, revision, plan } = row;
    if (!plan) throw new Error('a rollback without a plan');
    const applied = await provisioning.apply(catalystActor, environment, plan.id);
    const made = applied.ok ? applied.value.commits.at(-1)?.revision : await findCommit(row, plan.id);
    if (made !== undefined) return finish(row, made);
    const problems = applied.ok ? [] : applied.problems;
    const head = await deps.repositories.head(repositoryOf(row), row.branch);
    if (head !== revision) {
      const message = 'Somebody changed it, or took it back, while it was to be rolled back by itself.';
      await endWatch(database, row, { end: 'superseded', message }, clock.now());
      return undefined;
    }
    const [code] = problems.map((problem) => problem.code);
    if (code !== codes.Stale && code !== codes.NotFound)
      return giveUp(row, plan.reason, problems.map(({ message }) => message).join(' '));
    // The plan was too old, and nothing of it was done: it is decided anew.
    const { plan: _old, evidence: _then, ...rest } = row;
    await database.table(watchesTable).put({ ...rest, state: 'watching' });
    return clock.now() + retryMs;
  }

  return { begin, goOn };
}

function whyNoPlan({ environment }: WatchRow, problems: readonly Problem[]): string {
  return problems.some(({ code }) => code === 'NothingChanges')
    ? `it changed only what belongs to ${environment} alone, which a rollback leaves as it is.`
    : problems
        .slice(0, 3)
        .map(({ message }) => message)
        .join(' ');
}
