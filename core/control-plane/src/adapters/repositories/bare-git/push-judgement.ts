import type { Pusher } from '@catalyst/model/events/cloud-event.ts';
import { CatalystError, codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { ProposedUpdate, RepositoryName } from '../../../ports/repositories.ts';
import { askIsAncestor } from './commit-log.ts';
import type { GitEnvironment, ProcessEnvironment } from './git-environment.ts';
import { runGit } from './git-process.ts';
import type { HookReport } from './hook-dialogue.ts';
import { checkPaths, environmentBranches, isAcceptedRef, isRevision, noRevision } from './hostile-names.ts';
import type { Movement } from './ledger.ts';
import type { Movements } from './movements.ts';
import { createObjectReader, type ObjectReader, toBlob } from './object-reader.ts';
import { boundFiles, maximumJudgedBytes } from './proposals.ts';
import { readRef } from './storage.ts';
import { type Listing, listTree } from './trees.ts';

/** What the judge sees of a proposal: no branch moves, and its door says the rest. */
const proposedRef = 'refs/pull/new/head';
const maximumUpdates = 50;
const maximumCommits = 10_000;

/** What is needed to judge a push. */
export interface PushJudgementDeps {
  readonly git: GitEnvironment;
  readonly movements: Movements;
}

/** A push as it stands in quarantine. */
export interface PushInQuarantine {
  readonly repository: RepositoryName;
  readonly directory: string;
  readonly pusher: Pusher;
  readonly report: HookReport;
  /** Whether its refs are to move, or pull requests into them to be opened. */
  readonly purpose: 'move' | 'propose';
}

interface Inspected {
  /** What was pushed to. */
  readonly ref: string;
  readonly update: ProposedUpdate;
  readonly subject: string;
  readonly paths: readonly string[];
  readonly commits: readonly string[];
}

/** Judges a push whole: all of its updates or none. The caller owns the repository. */
export async function judgePush(
  deps: PushJudgementDeps,
  push: PushInQuarantine,
): Promise<Result<readonly Movement[]>> {
  const { updates, quarantine } = push.report;
  if (updates.length === 0 || updates.length > maximumUpdates)
    return refused({ code: codes.TooLarge, message: `Push at most ${maximumUpdates} refs at once.` });
  const names = push.purpose === 'move' ? await checkRefs(push) : checkDestinations(push);
  if (names.length > 0) return refused(...names);
  const reader = createObjectReader(deps.git, push.directory, quarantine);
  try {
    const inspected: Inspected[] = [];
    for (const update of updates) inspected.push(await inspect(deps.git, push, update, reader));
    const problems = inspected.flatMap(checkInspected);
    if (problems.length > 0) return refused(...problems.slice(0, 20));
    const verdict = await deps.movements.judge(inspected.map(({ update }) => update));
    if (!verdict.ok) return verdict;
    return ok(
      inspected.map(({ ref, update, subject, commits }, at) => ({
        ref,
        oldRevision: update.oldRevision,
        newRevision: update.newRevision,
        subject,
        commits,
        facts: verdict.value[at] ?? {},
      })),
    );
  } finally {
    reader.close();
  }
}

async function checkRefs({ report, directory }: PushInQuarantine): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { ref, from, to } of report.updates) {
    const problem = (message: string, code: string = codes.Denied) =>
      problems.push({ code, field: ref, message });
    if (/^refs\/(?:pull|catalyst)\//.test(ref))
      problem(
        `${ref.split('/', 2).join('/')}/ is kept by Catalyst.\nOpen or update a pull request with: git push -o pull-request origin HEAD:<branch of an Environment>`,
      );
    else if (!isAcceptedRef(ref))
      problem(
        'only branches and tags with plain names can be pushed, and none that looks like the branch of an Environment.',
        codes.Invalid,
      );
    else if (!isRevision(from) || !isRevision(to)) problem('no revision was given.', codes.Invalid);
    else if (((await readRef(directory, ref)) ?? noRevision) !== from)
      problem('it has moved since you fetched it. Fetch and try again.', codes.Conflict);
    else if (environmentBranches.has(ref) && to === noRevision)
      problem('the branch of an Environment cannot be deleted.');
  }
  return problems;
}

function checkDestinations({ report }: PushInQuarantine): Problem[] {
  return report.updates
    .filter(({ ref, to }) => !environmentBranches.has(ref) || !isRevision(to) || to === noRevision)
    .map(({ ref }) => ({
      code: codes.Invalid,
      field: ref,
      message:
        'a pull request leads to the branch of an Environment.\nPush to one of them with -o pull-request, and to others without it.',
    }));
}

function checkInspected({ update, paths, commits }: Inspected): Problem[] {
  if (commits.length > maximumCommits)
    return [
      {
        code: codes.TooLarge,
        field: update.ref,
        message: `more than ${maximumCommits} new commits at once. Push an older one of them first.`,
      },
    ];
  if (update.forced && environmentBranches.has(update.ref))
    return [
      {
        code: codes.Denied,
        field: update.ref,
        message: `the branch of an Environment only moves forward. Undo with a commit (git revert); to promote another Environment's branch, open a pull request: git push -o pull-request origin +<its branch>:${update.ref.slice('refs/heads/'.length)}`,
      },
    ];
  return checkPaths(paths);
}

async function inspect(
  git: GitEnvironment,
  push: PushInQuarantine,
  { ref, from, to }: HookReport['updates'][number],
  reader: ObjectReader,
): Promise<Inspected> {
  const { repository, directory, pusher, report } = push;
  const environment = report.quarantine;
  const deleted = to === noRevision;
  const listing = deleted ? undefined : await listTree(git, directory, to, environment);
  const files = listing?.files ?? [];
  const moves = push.purpose === 'move';
  if (!moves && (await reader.find(`${to}^{commit}`, maximumJudgedBytes))?.id !== to)
    throw new CatalystError(codes.Invalid, 'A pull request needs a commit.');
  const forced =
    moves && from !== noRevision && !deleted && !(await askIsAncestor(git, directory, from, to, environment));
  const update: ProposedUpdate = {
    repository,
    ref: moves ? ref : proposedRef,
    oldRevision: moves ? from : noRevision,
    newRevision: to,
    forced,
    pusher,
    pushOptions: report.options,
    files: async () => boundFiles(files),
    read: async (path) => readListed(reader, listing, to, path),
  };
  const subject = deleted ? '' : await subjectOfRevision(git, directory, to, environment);
  const commits = deleted ? [] : await newCommits(git, directory, to, environment);
  return { ref, update, subject, paths: files.map((file) => file.path), commits };
}

async function readListed(
  reader: ObjectReader,
  listing: Listing | undefined,
  revision: string,
  path: string,
): Promise<Uint8Array | undefined> {
  if (!listing?.files.some((file) => file.path === path)) return undefined;
  return toBlob(await reader.find(`${revision}:${path}`, maximumJudgedBytes));
}

/** Commits that no ref holds, one more than may be pushed at the most. */
async function newCommits(
  git: GitEnvironment,
  directory: string,
  revision: string,
  environment: ProcessEnvironment,
): Promise<string[]> {
  const limit = `--max-count=${maximumCommits + 1}`;
  const args = ['rev-list', limit, '--not', '--all', '--not', '--end-of-options', revision, '--'];
  const { status, stdout, stderr } = await runGit(git, directory, args, { environment });
  if (status !== 0) throw new CatalystError(codes.Invalid, `The new commits cannot be read: ${stderr}`);
  return stdout.toString('latin1').split('\n').filter(Boolean);
}

async function subjectOfRevision(
  git: GitEnvironment,
  directory: string,
  revision: string,
  environment: ProcessEnvironment,
): Promise<string> {
  const args = ['log', '-1', '--no-show-signature', '--format=%s', '--end-of-options', revision];
  const { status, stdout } = await runGit(git, directory, args, { environment });
  return status === 0 ? stdout.toString('utf8').trim().slice(0, 500) : '';
}
