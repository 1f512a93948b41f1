import { basePaths, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { validateConfig } from '@catalyst/model/config/config-schema.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import type { KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { listWords } from '@catalyst/model/policy/approvals.ts';
import type { Problem, Result } from '@catalyst/model/problem.ts';
import { applyChanges } from '../provisioning/branch-files.ts';
import { describe } from '../provisioning/describe.ts';
import { type Installed, toInstalled } from '../provisioning/installed.ts';
import type { MergeContent } from '../review/content.ts';
import type { DecidedOverlay } from './decide-overlay.ts';
import type { Promoting, Sides, Wanted } from './promoting.ts';

interface Decision {
  readonly sides: Sides;
  readonly content: MergeContent;
  readonly overlay: DecidedOverlay;
}

type Preview = Result<readonly KubernetesObject[]>;

/** Says what the promotion of one Application comes to, and adds the step that proposes it. */
export async function describePromotion(
  promoting: Promoting,
  wanted: Wanted,
  { sides, content, overlay }: Decision,
): Promise<void> {
  const { deps, scope, source, draft } = promoting;
  const { application } = wanted;
  const before = sides.to && toInstalled(scope, application, sides.to);
  const bytes = applyChanges(sides.to?.bytes ?? new Map(), content.changes);
  const texts = Object.fromEntries([...bytes].map(([path, file]) => [path, new TextDecoder().decode(file)]));
  const after = toInstalled(scope, application, { head: '', bytes, texts });
  if (Object.keys(content.changes).length === 0 && content.conflicts.length === 0)
    draft.problems.push(nothingNew(promoting, sides, application, content));
  if (after) draft.problems.push(...checkValues(promoting, after, overlay));
  const preview = (installed: Installed | undefined): Promise<Preview> | Preview =>
    installed
      ? deps.gitops.preview(
          {
            organization: scope.organization,
            environment: scope.environment,
            application,
            branch: scope.branch,
            declaration: installed.declaration,
          },
          installed.branch.bytes,
          { background: true },
        )
      : { ok: true, value: [] };
  const [rendered, present] = await Promise.all([preview(after), preview(before)]);
  if (!rendered.ok) draft.problems.push(...rendered.problems);
  const { planned, consequences } = describe({
    organization: scope.organization,
    application,
    branch: scope.branch,
    change: before ? 'change' : 'create',
    blueprint: overlay.version.name,
    version: overlay.version.version,
    ...(wanted.above.length > 0 ? { alias: wanted.path.at(-1) ?? '' } : {}),
    before: sides.to?.texts ?? {},
    changes: Object.fromEntries(
      Object.entries(content.changes).map(([path, change]) => [
        path,
        change === null ? null : (texts[path] ?? ''),
      ]),
    ),
    objectsBefore: present.ok ? present.value : [],
    objectsAfter: rendered.ok ? rendered.value : [],
    ...(before ? { declarationBefore: before.declaration } : {}),
    ...(after ? { declaration: after.declaration } : {}),
  });
  const undecided = [...content.conflicts, ...content.undecided];
  draft.applications.push(undecided.length > 0 ? { ...planned, undecided } : planned);
  draft.consequences.push(...sayWhatComes(promoting, wanted, { sides, content, overlay }, after));
  draft.consequences.push(...consequences);
  draft.steps.push({
    application,
    kind: 'commit',
    expectedHead: sides.to?.head ?? null,
    changes: {},
    message: `Promote ${application} from ${source.environment} to ${scope.environment}`,
    promotion: {
      from: source.environment,
      branch: source.branch,
      revision: sides.revision,
      overlay: overlay.edits,
    },
  });
}

function nothingNew(
  { scope, source }: Promoting,
  { revision }: Sides,
  application: string,
  { undecided }: MergeContent,
): Problem {
  const own =
    undecided.length > 0
      ? ` What differs (${listWords(undecided)}) was changed in ${scope.environment}: to go back to what ${source.environment} has, roll back there or change it.`
      : '';
  return {
    code: 'NothingChanges',
    field: application,
    message: `Everything of ${application} in ${source.environment} at ${revision.slice(0, 7)} is in ${scope.environment} already.${own}`,
  };
}

/** The merged configuration of the destination against what the version takes. */
function checkValues(
  { scope, source }: Promoting,
  { values, declaration }: Installed,
  { version, first }: DecidedOverlay,
): Problem[] {
  const { configSchema } = version.blueprint.spec;
  const config = mergeValues(applyDefaults(configSchema), values.baseValues, values.overlayValues);
  return validateConfig(configSchema, config).map((problem) => ({
    ...problem,
    field: ['values', problem.field].filter(Boolean).join('.'),
    file: first ? basePaths.values : overlayPaths(scope.envType).values,
    message: `${declaration.application}: ${problem.message}${first ? ` What only ${source.environment} sets does not travel: give it with the promotion, or move it to base/values.yaml.` : ''}`,
  }));
}

function sayWhatComes(
  { scope, source }: Promoting,
  { application }: Wanted,
  { content, overlay, sides }: Decision,
  after: Installed | undefined,
): string[] {
  const said: string[] = [];
  if (overlay.first) {
    said.push(
      `${application} is new in ${scope.environment}: its settings there are made${overlay.size === undefined ? '' : ` from the preset "${overlay.size}"`}.`,
    );
    const keeps = (overlay.version.blueprint.spec.secrets ?? []).length > 0 ? 'Data and secrets' : 'Data';
    said.push(
      `${keeps} do${keeps === 'Data' ? 'es' : ''} not travel: ${application} begins in ${scope.environment} with its own${keeps === 'Data' ? '' : ', the secrets made anew'}.`,
    );
  } else if (Object.keys(overlay.edits).length > 0)
    said.push(`What ${application} is bound to in ${scope.environment} changes with it.`);
  if (content.undecided.length > 0)
    said.push(
      `${scope.environment} has changes of its own that ${source.environment} lacks (${listWords(content.undecided)}). The pull request asks for each whether it stays.`,
    );
  if (content.conflicts.length > 0)
    said.push(
      `${listWords(content.conflicts)} changed on both sides: the pull request asks which of the two stays.`,
    );
  if (after?.declaration.holds?.[0] && sides.to)
    said.push(
      `${application} is held in ${scope.environment}: the pull request can be opened, and merged once the hold is released.`,
    );
  return said;
}
