import { CatalystError, codes, type Problem } from '@catalyst/model/problem.ts';
import { planLifetimeMs } from './make-plan.ts';
import type { PlanRow } from './plan-store.ts';
import type { Applied } from './provisioning.ts';

/** How long a begun plan is tried again before it is taken back. */
export const tryingMs = planLifetimeMs;

/** Something that does not answer now and may later, as it is: an engine, a disk, a limit of the machine. */
export function isTransient(error: unknown): boolean {
  if (error instanceof CatalystError) return error.retry === 'later' || error.code === codes.Unavailable;
  return error instanceof Error && 'code' in error && /^E[A-Z0-9]+$/.test(String(error.code));
}

/** Why it could not go on, in words for people. */
export function whyOf(error: unknown): string {
  if (isFullDisk(error)) return 'The disk of this machine is full: free some space.';
  return error instanceof CatalystError ? error.message : 'Something went wrong here that nobody foresaw.';
}

/** The same as a problem, for a plan that is taken back because of it. */
export function toProblem(error: unknown): Problem {
  const code = error instanceof CatalystError ? error.code : codes.Internal;
  return { code, message: `The plan could not be finished: ${whyOf(error)}` };
}

function isFullDisk(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 5) return false;
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true;
  return isFullDisk(error.cause, depth + 1);
}

/** Why a plan was not finished the last time, and what of it is done; `done` is undefined where nobody can tell now. */
export interface LastTry {
  readonly why: string;
  readonly done: Applied['commits'] | undefined;
}

/** What a caller is told of a plan that is begun and not at its end. */
export function toUnfinished(row: PlanRow, last: LastTry): CatalystError {
  // Without its cause: what is said of a full disk elsewhere ("this was not done") is not true of this one.
  return new CatalystError('Unfinished', describeUnfinished(row, last), { retry: 'later' });
}

/** Why a plan is not at its end, how far it is, and what happens next. */
export function describeUnfinished(row: PlanRow, { why, done }: LastTry): string {
  if (row.setAside) return row.setAside.message;
  if (row.refusedBy)
    return `This was begun, and is being taken back${listOf(done)}. ${why} Catalyst tries again by itself until it is taken back.`;
  if (!done || done.length === 0)
    return `Whether this was begun cannot be found out now. ${why} Catalyst looks again by itself: what was begun is finished or taken back; if nothing was, nothing will be.`;
  const { length } = row.steps;
  if (done.length === length)
    return `This was done${listOf(done)}, but is not noted yet. ${why} Catalyst notes it by itself${row.deleteVolumes.length > 0 ? ', and then deletes the data that you named' : ''}.`;
  const until = new Date((row.begunAt ?? row.createdAt) + tryingMs).toISOString();
  return `This was begun and is not finished: ${done.length} of ${length} steps are done${listOf(done)}. ${why} Catalyst tries again by itself; what cannot be finished by ${until} is taken back.`;
}

/** Why neither the end nor the way back can be reached, and who can act. */
export function toSetAside(row: PlanRow, done: Applied['commits'], error: unknown): Problem {
  return {
    code: 'SetAside',
    message: `This was begun${listOf(done)} and can be neither finished nor taken back: ${whyOf(error)} Mend that; then ${row.actor.name} tries again, on the page of ${row.environment} or by applying this plan anew, or somebody changes those Applications by hand.`,
  };
}

function listOf(done: Applied['commits'] | undefined): string {
  return done && done.length > 0 ? ` (${done.map(({ application }) => application).join(', ')})` : '';
}
