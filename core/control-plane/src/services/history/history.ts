import type { ChangeList, Comparison, PlanAtTheTime } from '@catalyst/model/api/history.ts';
import type { EnvType } from '@catalyst/model/names.ts';

/** An Environment whose history is read; the caller has been authorised for it. */
export interface HistoryScope {
  readonly organization: string;
  readonly environment: string;
  readonly envType: EnvType;
}

/**
 * What happened to Applications: Git says what was changed, the rows of `changes` who brought it and what became of it. Readable for
 * as long as the repository is there, also after an uninstall.
 */
export interface History {
  /** Commits of the branch, newest first, at most 200; undefined where there is no repository or branch. */
  ofApplication(
    scope: HistoryScope,
    application: string,
    page: { readonly limit: number; readonly before?: string },
  ): Promise<ChangeList | undefined>;
  /** Changes of every Application of the Environment, newest first, at most 200. */
  ofEnvironment(
    scope: HistoryScope,
    page: { readonly limit: number; readonly continue?: string },
  ): Promise<ChangeList>;
  /** Undefined where the revision came without a plan, or is not known. */
  plan(scope: HistoryScope, application: string, revision: string): Promise<PlanAtTheTime | undefined>;
  /** Undefined unless both are in the history of the branch. */
  compare(
    scope: HistoryScope,
    application: string,
    revisions: { readonly from: string; readonly to: string },
  ): Promise<Comparison | undefined>;
}
