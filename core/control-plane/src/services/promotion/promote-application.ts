import type { OverlayEdit } from '@catalyst/model/promotion/promoted-content.ts';
import { wasStateOf } from '../history/branch-states.ts';
import { applyChanges, readRevision } from '../provisioning/branch-files.ts';
import { toInstalled } from '../provisioning/installed.ts';
import type { PlanningDeps } from '../provisioning/planning-context.ts';
import { type MergeContent, mergePromotion } from '../review/content.ts';
import { decideOverlay } from './decide-overlay.ts';
import { describePromotion } from './describe-promotion.ts';
import type { Provider } from './promoted-dependencies.ts';
import type { Promoting, Sides, Wanted } from './promoting.ts';

const mostTogether = 20;

/** Adds the promotion of one Application to the draft, after those of what it depends on; undefined where something forbids it. */
export async function promoteApplication(
  promoting: Promoting,
  wanted: Wanted,
): Promise<Provider | undefined> {
  const { deps, scope, source, draft, done } = promoting;
  const { application, above } = wanted;
  const present = done.get(application);
  if (present) return present;
  if (above.includes(application) || done.size >= mostTogether) {
    draft.problems.push({
      code: above.includes(application) ? 'DependencyCycle' : 'TooManyDependencies',
      field: application,
      message: above.includes(application)
        ? `The dependencies lead in a circle: ${[...above, application].join(' → ')}.`
        : `More than ${mostTogether} Applications would be promoted together. Promote what they depend on first.`,
    });
    return undefined;
  }
  const sides = await readSides(promoting, wanted);
  if (!sides) return undefined;
  const installed = toInstalled(source, application, sides.from);
  if (!installed) {
    draft.problems.push({
      code: 'NotInstalled',
      field: 'application',
      message: `"${application}" is not installed in ${source.environment} at ${sides.revision.slice(0, 7)}: what is not there cannot be promoted. To take it away from ${scope.environment} too, uninstall it there.`,
    });
    return undefined;
  }
  const carried = await contentFor(deps, sides, {});
  const after = applyChanges(sides.to?.bytes ?? new Map(), carried.changes);
  const overlay = await decideOverlay(promoting, wanted, {
    sides,
    installed,
    after,
    promote: (along) => promoteApplication(promoting, along),
  });
  if (!overlay) return undefined;
  const content = await contentFor(deps, sides, overlay.edits);
  const { blueprint } = installed.declaration;
  const provider: Provider = { application, blueprint: blueprint.name, version: blueprint.version };
  done.set(application, provider);
  await describePromotion(promoting, wanted, { sides, content, overlay });
  return provider;
}

async function readSides(
  { deps, scope, source, draft }: Promoting,
  { application, revision: asked }: Wanted,
): Promise<Sides | undefined> {
  const repository = { organization: scope.organization, name: application };
  const exists = await deps.repositories.exists(repository);
  const head = exists ? await deps.repositories.head(repository, source.branch) : undefined;
  if (head === undefined) {
    draft.problems.push({
      code: 'NotInstalled',
      field: 'application',
      message: `There is no Application "${application}" in ${source.environment}.`,
    });
    return undefined;
  }
  const revision = asked ?? head;
  if (!(await wasStateOf(deps.repositories, repository, source.branch, head, revision))) {
    draft.problems.push({
      code: 'UnknownRevision',
      field: 'revision',
      message: `${source.branch} of ${application} never was at ${revision.slice(0, 7)}. Choose a revision from its history in ${source.environment}.`,
    });
    return undefined;
  }
  const from = await readRevision(deps.repositories, repository, revision);
  const target = await deps.repositories.head(repository, scope.branch);
  const to = target === undefined ? undefined : await readRevision(deps.repositories, repository, target);
  return { repository, revision, from, to };
}

/** What it writes into the destination; where the branch is not there yet, everything that the source carries. */
async function contentFor(
  deps: PlanningDeps,
  { repository, revision, from, to }: Sides,
  overlay: Readonly<Record<string, OverlayEdit>>,
): Promise<MergeContent> {
  if (to)
    return mergePromotion(deps.repositories, {
      repository,
      ours: to.head,
      theirs: revision,
      promotion: { decisions: {}, overlay },
    });
  const carried = [...from.bytes].filter(([path]) => path.startsWith('base/'));
  const edits = Object.entries(overlay).map(([path, { content }]) => [path, content] as const);
  return { base: null, changes: Object.fromEntries([...carried, ...edits]), conflicts: [], undecided: [] };
}
