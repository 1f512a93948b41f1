import { createHash } from 'node:crypto';
import { isInstalled } from '@catalyst/model/application-repository/check-branch.ts';
import { envTypeOfBranch, parseEnvironmentName } from '@catalyst/model/names.ts';
import { CatalystError, ok, type Result, refused } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { GitOps } from '../../ports/gitops.ts';
import type { ProposedUpdate, Repositories, RepositoryName, TreeFile } from '../../ports/repositories.ts';
import { describe } from '../provisioning/describe.ts';
import { createPlanningQueue } from '../provisioning/planning-queue.ts';
import type { ApplicationJudge } from '../receiving/application-judge.ts';
import { foreignOverlays } from '../receiving/protection.ts';
import type { ForeseenChange, ReviewDeps } from './review-context.ts';

type Change = Parameters<ReviewDeps['foresee']>[0];

/** What foreseeing asks. */
export interface ForeseeDeps {
  readonly repositories: Repositories;
  readonly gitops: Pick<GitOps, 'preview'>;
  readonly examine: ApplicationJudge['examine'];
}

interface Side {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly update: ProposedUpdate;
}

/**
 * Says what merging a change would do, by the same examination that the merge itself meets: problems are those that would refuse it.
 * Writes nothing.
 */
export function createForesee(deps: ForeseeDeps): ReviewDeps['foresee'] {
  const queue = createPlanningQueue();

  async function sideOf(change: Change, changes: Change['changes']): Promise<Side> {
    const { repository, head } = change;
    const files = new Map<string, Uint8Array>();
    const listing: TreeFile[] = [];
    for (const file of await deps.repositories.files(repository, head))
      if (changes[file.path] === undefined) {
        listing.push(file);
        if (!isContent(file.path)) continue;
        const content = await deps.repositories.read(repository, head, file.path);
        if (content) files.set(file.path, content);
      }
    for (const [path, content] of Object.entries(changes)) {
      if (content === null) continue;
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      const blob = createHash('sha1').update(bytes).digest('hex');
      listing.push({ path, mode: '100644', sizeBytes: bytes.length, blob });
      files.set(path, bytes);
    }
    return { files, update: toUpdate(change.repository, change, listing, files) };
  }

  const declarationOf = async (side: Side): Promise<ApplicationDeclaration | undefined> => {
    const found = await deps.examine(side.update);
    return found.ok ? (found.value.declaration ?? undefined) : undefined;
  };

  const render = async (change: Change, side: Side, declaration: ApplicationDeclaration | undefined) => {
    if (!declaration) return [];
    const { repository, environment, branch } = change;
    const preview = await deps.gitops.preview(
      {
        organization: repository.organization,
        environment,
        application: repository.name,
        branch,
        declaration,
      },
      new Map([...side.files].filter(([path]) => isContent(path))),
      { background: true },
    );
    return preview.ok ? preview.value : [];
  };

  const look = async (change: Change): Promise<Result<ForeseenChange>> => {
    const { repository, branch, environment } = change;
    const [before, after] = await Promise.all([sideOf(change, {}), sideOf(change, change.changes)]);
    const [declarationBefore, examined] = await Promise.all([
      declarationOf(before),
      deps.examine(after.update),
    ]);
    const declaration = examined.ok ? (examined.value.declaration ?? undefined) : undefined;
    const envType = envTypeOfBranch(branch);
    const foreign = envType
      ? foreignOverlays(Object.keys(change.changes), await after.update.files(), {
          branch,
          envType,
          environment,
        })
      : [];
    const problems = [...foreign, ...(examined.ok ? [] : examined.problems)];
    const { blueprint } = declaration ?? declarationBefore ?? {};
    const texts = textsOf(before.files);
    const changes = textChanges(change.changes);
    if (!blueprint || parseEnvironmentName(environment) === undefined)
      return ok({ problems, consequences: [] });
    const wasInstalled = isInstalled(Object.fromEntries(before.files));
    const stays = isInstalled(Object.fromEntries(after.files));
    const [objectsBefore, objectsAfter] = await Promise.all([
      render(change, before, declarationBefore),
      render(change, after, declaration),
    ]);
    const { planned, consequences } = describe({
      application: repository.name,
      organization: repository.organization,
      branch,
      change: stays ? (wasInstalled ? 'change' : 'create') : 'remove',
      blueprint: blueprint.name,
      version: blueprint.version,
      before: texts,
      changes,
      objectsBefore,
      objectsAfter,
      ...(declarationBefore ? { declarationBefore } : {}),
      ...(declaration ? { declaration } : {}),
    });
    return ok({ application: planned, problems, consequences });
  };

  return async (change) => {
    const seen = await queue.run(async () => {
      try {
        return await look(change);
      } catch (error) {
        if (!(error instanceof CatalystError)) throw error;
        return refused({ code: error.code, message: error.message });
      }
    });
    return seen.ok ? seen.value : { problems: seen.problems, consequences: [] };
  };
}

function isContent(path: string): boolean {
  return /^(?:base|overlays)\//.test(path);
}

function toUpdate(
  repository: RepositoryName,
  { branch, head }: Pick<Change, 'branch' | 'head'>,
  listing: readonly TreeFile[],
  files: ReadonlyMap<string, Uint8Array>,
): ProposedUpdate {
  return {
    repository,
    ref: `refs/heads/${branch}`,
    oldRevision: head,
    newRevision: head,
    forced: false,
    pusher: { id: 'system', name: 'Catalyst', surface: 'system' },
    pushOptions: [],
    files: async () => listing,
    read: async (path) => files.get(path),
  };
}

function textsOf(files: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  return Object.fromEntries([...files].map(([path, content]) => [path, toText(content) ?? '']));
}

function textChanges(changes: Change['changes']): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(changes).map(([path, content]) => [
      path,
      content === null ? null : typeof content === 'string' ? content : (toText(content) ?? ''),
    ]),
  );
}

/** The text of a file; undefined for what is not UTF-8 text. */
export function toText(content: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
