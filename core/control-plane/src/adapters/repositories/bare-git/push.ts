import { join } from 'node:path';
import { CatalystError, type Result, refused } from '@catalyst/model/problem.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { GitExchange, PullRequestDoor, RepositoryName } from '../../../ports/repositories.ts';
import type { GitEnvironment } from './git-environment.ts';
import type { HookDialogue, HookReport } from './hook-dialogue.ts';
import { toTerminalLines } from './hostile-names.ts';
import type { Ledger } from './ledger.ts';
import type { Movements } from './movements.ts';
import type { Session } from './sessions.ts';
import { exists } from './storage.ts';
import { notFound } from './writing.ts';

/** What pushes are conducted with. */
export interface PushDeps {
  readonly git: GitEnvironment;
  readonly movements: Movements;
  readonly ledger: Pick<Ledger, 'bring'>;
  readonly logger: Logger;
  readonly directoryOf: (repository: RepositoryName) => string;
  /** Who opens pull requests; undefined where nobody does. */
  readonly pullRequests: () => PullRequestDoor | undefined;
}

/** One push on its way. */
export interface Push {
  readonly exchange: GitExchange;
  readonly session: Session;
  readonly dialogue: HookDialogue;
  readonly report: HookReport;
  /** Called once it is clear what Git is told, right before it is told. */
  readonly decided: (verdict: 'accept' | 'refuse') => void;
}

/** Tells the pusher why not; nothing is left of the push. */
export function refuse({ decided, dialogue }: Push, { problems }: ReturnType<typeof refused>): void {
  decided('refuse');
  dialogue.answer('refuse', problems.flatMap(toTerminalLines));
}

/** From now on the push goes to its end, whoever leaves. */
export function accept({ session, decided, dialogue }: Push): void {
  session.protect();
  decided('accept');
  dialogue.answer('accept');
}

/** Does what comes before the answer, and says in words why it cannot be done. The caller owns the repository. */
export async function inWords<T>(
  deps: PushDeps,
  { exchange }: Push,
  work: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const { repository } = exchange;
  try {
    if (!(await exists(join(deps.directoryOf(repository), 'HEAD')))) throw notFound(repository);
    if (exchange.signal.aborted) return refused({ code: 'Aborted', message: 'The push was broken off.' });
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    deps.logger.warn({ repository, reason }, 'a push could not be judged');
    if (error instanceof CatalystError) return refused({ code: error.code, message: reason });
    return refused({
      code: 'Unavailable',
      message: 'The push could not be judged. Try again later.',
    });
  }
}
