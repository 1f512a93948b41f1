import type { PullRequestDetail, PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import { changeWords } from './seen.ts';

type Comment = PullRequestDetail['comments'][number];

const surfaces: Readonly<Record<string, string>> = {
  console: 'in the console',
  git: 'with git push',
  api: 'by API',
};

/** `in the console` for `console`. */
export function surfaceWords(surface: string): string {
  return surfaces[surface] ?? `by ${surface}`;
}

/** Address of a pull request in the console. */
export function addressOf(of: Pick<PullRequestSummary, 'organization' | 'application' | 'number'>): string {
  return `/organizations/${of.organization}/pull-requests/${of.application}/${of.number}`;
}

/** A revision as people compare it. */
export function shortRevision(revision: string): string {
  return revision.slice(0, 10);
}

/** Whether the console made its branch, which nobody can push to. */
export function isProposal({ source }: Pick<PullRequestSummary, 'source'>): boolean {
  return source?.startsWith('proposals/') === true;
}

/** The commands that merge the destination into the source, so that conflicts can be decided there. */
export function conflictCommands(
  of: Pick<PullRequestSummary, 'organization' | 'application' | 'number' | 'source' | 'destination'>,
  origin: string,
): string[] {
  const { source, destination } = of;
  const clone = [`git clone ${origin}/git/${of.organization}/${of.application}.git`, `cd ${of.application}`];
  const own = `pull-${of.number}`;
  const merge = [`git merge ${quoted(`origin/${destination}`)}`, 'git commit --all'];
  if (source === undefined)
    return [
      ...clone,
      `git fetch origin refs/pull/${of.number}/head`,
      `git switch -c ${own} FETCH_HEAD`,
      ...merge,
      `git push -o pull-request origin ${quoted(`HEAD:${destination}`)}`,
    ];
  if (isProposal(of))
    return [
      ...clone,
      `git switch -c ${own} ${quoted(`origin/${source}`)}`,
      ...merge,
      `git push -o pull-request origin ${quoted(`HEAD:${destination}`)}`,
    ];
  return [...clone, `git switch ${quoted(source)}`, ...merge, 'git push'];
}

/** Branch names may hold what a shell would act on. */
function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Who posted a check: the token, and whose it is. */
export function postedBy({ token, by }: Pick<PullRequestDetail['checks'][number], 'token' | 'by'>): string {
  return token === undefined ? by : `the token ${token} of ${by}`;
}

/** What became different between two looks at a pull request, a sentence each; for those who do not see the page move. */
export function describeMoves(before: PullRequestDetail, after: PullRequestDetail): string[] {
  const moves: string[] = [];
  if (after.head !== before.head) moves.push(`It moved on to ${shortRevision(after.head)}.`);
  else if (after.content !== before.content)
    moves.push(changeWords(after) ?? 'What it writes is another content than before.');
  const known = new Set(before.reviews.map((review) => `${review.by.id} ${review.at}`));
  for (const review of after.reviews)
    if (!known.has(`${review.by.id} ${review.at}`))
      moves.push(`${review.by.name} ${review.verdict === 'approve' ? 'approved' : 'asked for changes'}.`);
  const said = new Set(before.comments.map(({ id }) => id));
  for (const comment of after.comments)
    if (!said.has(comment.id)) moves.push(`${comment.by.name} commented.`);
  for (const check of after.checks) {
    const last = before.checks.find(({ name }) => name === check.name);
    if (last?.status !== check.status || last.revision !== check.revision)
      moves.push(`The check ${check.name} says ${check.status}.`);
  }
  if (after.state !== before.state || after.why !== before.why) moves.push(after.why);
  return moves;
}

/** Comments about one file: those about a line by its number, and those about the file as a whole. */
export function commentsOn(comments: readonly Comment[], file: string) {
  const byLine = new Map<number, Comment[]>();
  const whole: Comment[] = [];
  for (const comment of comments) {
    if (comment.file !== file) continue;
    if (comment.line === undefined) whole.push(comment);
    else byLine.set(comment.line, [...(byLine.get(comment.line) ?? []), comment]);
  }
  return { byLine, whole };
}

/** The gates beside `why`: what that says already is not said twice. */
export function gatesBeside({
  gates,
  why,
}: Pick<PullRequestDetail, 'gates' | 'why'>): PullRequestDetail['gates'] {
  return gates.map((gate) => (why.includes(gate.reason) ? { ...gate, reason: '' } : gate));
}

/** Why the caller cannot merge what is ready to be merged; undefined where he can, or `why` says it. */
export function whyNotMerge(of: Pick<PullRequestDetail, 'state' | 'mergeable' | 'may' | 'environment'>) {
  return of.state === 'open' && of.mergeable && !of.may.merge
    ? `Merging it changes ${of.environment}. That needs the role Developer or Administrator there.`
    : undefined;
}
