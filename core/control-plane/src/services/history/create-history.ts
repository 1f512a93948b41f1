import type { ChangeView } from '@catalyst/model/api/history.ts';
import { branchOf } from '@catalyst/model/names.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Database } from '../../ports/database.ts';
import type { GitOps } from '../../ports/gitops.ts';
import type { CommitInfo, Repositories } from '../../ports/repositories.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { appliedPlansTable } from './applied-plans.ts';
import { type Change, changesTable, findChange } from './changes.ts';
import { compareRevisions } from './compare-revisions.ts';
import type { History, HistoryScope } from './history.ts';
import { createRevisionReader, type RevisionFacts } from './revision-facts.ts';

/** What history is read from. */
export interface HistoryDeps {
  readonly repositories: Pick<
    Repositories,
    'exists' | 'head' | 'history' | 'files' | 'read' | 'treeOf' | 'contains' | 'wasHead'
  >;
  readonly database: Database;
  readonly catalog: Catalog;
  readonly gitops: Pick<GitOps, 'preview'>;
  /** The card as it is shown now: it says what a change waits for. */
  readonly viewOf: (environment: string, application: string) => ApplicationView | undefined;
}

const most = 200;
const cameAlong = 'It came along with a later commit: choose that one.';
const sameSettings = 'The settings of this Environment are the same as now.';
const continuation = /^\d{13}\/[a-z][a-z0-9-]{0,60}\/\d{12}$/;

interface Described {
  readonly scope: HistoryScope;
  readonly application: string;
  readonly change: Change | undefined;
  readonly commit: CommitInfo;
  readonly facts: RevisionFacts;
}

function whyNoInstallation(then: RevisionFacts, now: RevisionFacts): string | undefined {
  if (!now.blueprint) return 'It is not installed now: install it first.';
  return then.blueprint ? undefined : 'It was not installed then.';
}

const possibility = (whyNot: string | undefined) =>
  whyNot === undefined ? { possible: true } : { possible: false, whyNot };

/** Creates the reader of history. It writes nothing. */
export function createHistory(deps: HistoryDeps): History {
  const { repositories, database } = deps;
  const reader = createRevisionReader(repositories);

  /** What is not settled says what it waits for. */
  function outcomeOf(change: Change): Pick<ChangeView, 'outcome'> {
    if (!change.outcome) return {};
    const view =
      change.outcome.state === 'pending' ? deps.viewOf(change.environment, change.application) : undefined;
    const reason = view?.revision === change.revision ? view.why?.message : undefined;
    return { outcome: { ...change.outcome, ...(reason === undefined ? {} : { reason }) } };
  }

  function toView({ scope, application, change, commit, facts }: Described): ChangeView {
    const pusher = commit.pusher ?? change?.pusher;
    return {
      organization: scope.organization,
      environment: scope.environment,
      application,
      revision: commit.revision,
      parents: [...commit.parents],
      author: { ...commit.author },
      ...(pusher ? { pusher: { ...pusher } } : {}),
      time: change?.at ?? commit.time,
      message: commit.message,
      ...(facts.baseTree === undefined ? {} : { baseTree: facts.baseTree }),
      ...(facts.blueprint
        ? { blueprint: { name: facts.blueprint.name, version: facts.blueprint.version } }
        : {}),
      ...(change?.planId === undefined ? {} : { planId: change.planId }),
      ...(change?.pullRequest === undefined ? {} : { pullRequest: change.pullRequest }),
      ...(change ? outcomeOf(change) : {}),
    };
  }

  /** The short answer for a list; the plan of a rollback says all. */
  function whyNoRollback(scope: HistoryScope, described: Described, now: RevisionFacts): string | undefined {
    const { facts } = described;
    const missing = whyNoInstallation(facts, now);
    if (missing !== undefined || !facts.blueprint) return missing;
    if (facts.baseTree === now.baseTree) return 'Version and shared configuration are the same as now.';
    const { name, version, digest } = facts.blueprint;
    const found = deps.catalog.find(name, version, { organizations: [scope.organization] });
    return found?.digest === digest ? undefined : `${name} ${version} as it was then is not in the catalog.`;
  }

  /** What is known of a change whose commit cannot be read any more, or lies too far back. */
  function toCommit(change: Change): CommitInfo {
    return {
      revision: change.revision,
      parents: /^0+$/.test(change.previous) ? [] : [change.previous],
      author: { name: change.pusher.name, email: '' },
      time: change.at,
      message: change.subject,
      pusher: change.pusher,
    };
  }

  async function describeChange(scope: HistoryScope, change: Change, commits: Map<string, CommitInfo>) {
    const repository = { organization: scope.organization, name: change.application };
    const commit = commits.get(`${change.application}/${change.revision}`);
    const facts = commit ? await reader.facts(repository, change.revision) : {};
    return toView({
      scope,
      application: change.application,
      change,
      commit: commit ?? toCommit(change),
      facts,
    });
  }

  async function commitsOf(
    scope: HistoryScope,
    changes: readonly Change[],
  ): Promise<Map<string, CommitInfo>> {
    const wanted = Map.groupBy(changes, ({ application }) => application);
    const found = new Map<string, CommitInfo>();
    for (const [name, ofOne] of wanted) {
      const repository = { organization: scope.organization, name };
      const revisions = ofOne.map(({ revision }) => revision);
      const commits = await reader.commits(repository, branchOf(scope.envType), revisions);
      for (const [revision, commit] of commits) found.set(`${name}/${revision}`, commit);
    }
    return found;
  }

  return {
    async ofApplication(scope, application, page) {
      const repository = { organization: scope.organization, name: application };
      const branch = branchOf(scope.envType);
      const head = (await repositories.exists(repository))
        ? await repositories.head(repository, branch)
        : undefined;
      if (head === undefined) return undefined;
      const limit = Math.min(page.limit, most);
      const commits = await repositories.history(repository, branch, {
        limit,
        ...(page.before === undefined ? {} : { before: page.before }),
      });
      const now = await reader.facts(repository, head);
      const settingsNow = await reader.settings(repository, head, scope.envType);
      const items = await Promise.all(
        commits.map(async (commit) => {
          const change = await findChange(database, scope.environment, application, commit.revision);
          const facts = await reader.facts(repository, commit.revision);
          const described = { scope, application, change, commit, facts };
          const wasHead = await repositories.wasHead(repository, branch, commit.revision);
          const unjudged = wasHead ? undefined : cameAlong;
          const settings = await reader.settings(repository, commit.revision, scope.envType);
          return {
            ...toView(described),
            rollback: {
              ...possibility(whyNoRollback(scope, described, now) ?? unjudged),
              settings: possibility(
                whyNoInstallation(facts, now) ?? (settings === settingsNow ? sameSettings : unjudged),
              ),
            },
          };
        }),
      );
      const last = commits.at(-1);
      return { items, ...(last && commits.length === limit ? { continue: last.revision } : {}) };
    },

    async ofEnvironment(scope, page) {
      const prefix = `${scope.environment}/`;
      const limit = Math.min(page.limit, most);
      const from = page.continue !== undefined && continuation.test(page.continue) ? page.continue : '';
      const rows = await database.table(changesTable).list({ after: `${prefix}${from}`, limit: limit + 1 });
      const own = rows.filter(({ id }) => id.startsWith(prefix));
      const shown = own.slice(0, limit);
      const commits = await commitsOf(scope, shown);
      const items: ChangeView[] = [];
      for (const change of shown) items.push(await describeChange(scope, change, commits));
      const last = shown.at(-1);
      return {
        items,
        ...(last && own.length > limit ? { continue: last.id.slice(prefix.length) } : {}),
      };
    },

    async plan(scope, application, revision) {
      const change = await findChange(database, scope.environment, application, revision);
      const kept =
        change?.planId === undefined ? undefined : await database.table(appliedPlansTable).get(change.planId);
      if (!kept) return undefined;
      const { planId, madeAt, madeBy, action, consequences, applications } = kept;
      return { planId, madeAt, madeBy, action, consequences, applications };
    },

    async compare(scope, application, { from, to }) {
      const repository = { organization: scope.organization, name: application };
      const head = (await repositories.exists(repository))
        ? await repositories.head(repository, branchOf(scope.envType))
        : undefined;
      if (head === undefined) return undefined;
      for (const revision of [from, to])
        if (!(await repositories.contains(repository, head, revision))) return undefined;
      return compareRevisions(deps, scope, application, { from, to });
    },
  };
}
