import { readRevision } from './branch-files.ts';
import type { DecidedChange } from './describe-change.ts';
import { type Changes, type Installed, toInstalled } from './installed.ts';
import type { PlanningDeps, PlanningScope } from './planning-context.ts';

/** An earlier revision in which the Application was installed. */
export interface Earlier {
  readonly revision: string;
  readonly installed: Installed;
}

/** Reads an earlier revision; undefined where the Application was not installed in it. */
export async function readEarlier(
  deps: Pick<PlanningDeps, 'repositories'>,
  scope: PlanningScope,
  application: string,
  revision: string,
): Promise<Earlier | undefined> {
  const repository = { organization: scope.organization, name: application };
  const files = await readRevision(deps.repositories, repository, revision);
  const installed = toInstalled(scope, application, files);
  return installed && { revision, installed };
}

/** What makes `base/` what it was: files to take over byte for byte, and files to delete. */
export function restoreBase(
  now: Installed,
  { revision, installed }: Earlier,
): { readonly restored: NonNullable<DecidedChange['restored']>; readonly deleted: Changes } {
  const restored: Record<string, { revision: string; content: Uint8Array }> = {};
  const deleted: Changes = {};
  for (const [path, content] of installed.branch.bytes) {
    if (!path.startsWith('base/')) continue;
    const present = now.branch.bytes.get(path);
    if (!present || Buffer.compare(present, content) !== 0) restored[path] = { revision, content };
  }
  for (const path of now.branch.bytes.keys())
    if (path.startsWith('base/') && !installed.branch.bytes.has(path)) deleted[path] = null;
  return { restored, deleted };
}
