import { codes, type Problem } from '@catalyst/model/problem.ts';
import type { Repositories } from '../../ports/repositories.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { PlanRow } from './plan-store.ts';
import type { Pin } from './planning-context.ts';

/** What finding out needs. */
export interface StaleDeps {
  readonly repositories: Pick<Repositories, 'exists' | 'head' | 'history'>;
  readonly catalog: Catalog;
}

/**
 * Everything that moved since a plan was made: branches with who moved them, and Blueprint versions that are another package now. What its
 * own first `done` steps moved is passed over.
 */
export async function findMoved(deps: StaleDeps, row: PlanRow, done = 0): Promise<Problem[]> {
  const problems: Problem[] = [];
  const own = new Set(row.steps.slice(0, done).map((step) => `${row.organization}/${step.application}`));
  for (const pin of pinsOf(row)) {
    if (own.has(pin.repository) && pin.branch === row.branch) continue;
    const moved = await movedPin(deps, row, pin);
    if (moved) problems.push(moved);
  }
  for (const { name, version, digest } of row.blueprints ?? []) {
    const found = deps.catalog.find(name, version, { organizations: [row.organization] });
    if (found?.digest === digest) continue;
    problems.push({
      code: codes.Stale,
      field: name,
      message: found
        ? `${name} ${version} is another package now: it was ${shortDigest(digest)} and is ${shortDigest(found.digest)}.`
        : `${name} ${version} is no longer in the catalog.`,
    });
  }
  return problems;
}

function pinsOf(row: PlanRow): readonly Pin[] {
  if (row.plan.pins) return row.plan.pins;
  return row.steps.map((step) => ({
    repository: `${row.organization}/${step.application}`,
    branch: row.branch,
    head: step.expectedHead,
  }));
}

async function movedPin(deps: StaleDeps, row: PlanRow, pin: Pin): Promise<Problem | undefined> {
  const [organization = row.organization, name = ''] = pin.repository.split('/');
  const repository = { organization, name };
  const step = row.steps.find(
    (candidate) => `${row.organization}/${candidate.application}` === pin.repository,
  );
  const exists = await deps.repositories.exists(repository);
  const head = exists ? ((await deps.repositories.head(repository, pin.branch)) ?? null) : null;
  const made = exists && step?.kind === 'create-repository';
  if (head === pin.head && !made) return undefined;
  const [latest] = head === null ? [] : await deps.repositories.history(repository, pin.branch, { limit: 1 });
  const who = latest && `by ${latest.pusher?.name ?? latest.author.name} ("${firstLine(latest.message)}")`;
  return {
    code: codes.Stale,
    field: pin.repository,
    message:
      head === pin.head
        ? `The repository ${pin.repository} was made meanwhile.`
        : `${pin.repository} ${pin.branch} moved from ${shortRevision(pin.head)} to ${shortRevision(head)}${who ? ` ${who}` : ''}.`,
  };
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').slice(0, 100);
}

function shortRevision(revision: string | null): string {
  return revision === null ? 'nothing' : revision.slice(0, 7);
}

function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
