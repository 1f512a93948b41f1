import type { ApplicationDetail, Manifests } from '@catalyst/model/api/applications.ts';
import { basePaths, overlayFolder, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { applyDefaults } from '@catalyst/model/config/defaults.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { branchOf } from '@catalyst/model/names.ts';
import type { Environment } from '@catalyst/model/resources/organization.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';
import { upgradesOf } from '../../services/provisioning/check-upgrade.ts';
import type { ApiDeps } from './api-deps.ts';

const maxFiles = 200;
const maxFileBytes = 256 * 1024;

/** The card with what its settings page needs: values at the branch's head, the Blueprint's schema and versions, volumes. */
export async function readDetail(
  deps: ApiDeps,
  environment: Environment,
  view: ApplicationView,
): Promise<ApplicationDetail> {
  const { envType } = environment.spec;
  const repository = { organization: view.organization, name: view.name };
  const branch = branchOf(envType);
  const head = await deps.repositories.head(repository, branch);
  const read = async (path: string): Promise<JsonObject> => {
    const content = head === undefined ? undefined : await deps.repositories.read(repository, head, path);
    if (!content) return {};
    // What does not parse never got past the judge of updates; should it, the page still opens.
    const parsed = parseYamlObject(new TextDecoder().decode(content), path);
    return parsed.ok ? parsed.value : {};
  };
  const [baseValues, overlayValues, volumes, watch] = await Promise.all([
    read(basePaths.values),
    read(overlayPaths(envType).values),
    deps.workloads.volumes(view.environment, view.name),
    deps.watches.ofApplication(view),
  ]);
  const viewer = { organizations: [view.organization] };
  const blueprint = deps.catalog.find(view.blueprint.name, view.blueprint.version, viewer);
  const configSchema = blueprint?.blueprint.spec.configSchema ?? {};
  return {
    ...view,
    values: mergeValues(applyDefaults(configSchema), baseValues, overlayValues),
    baseValues,
    overlayValues,
    configSchema,
    repository: {
      cloneUrl: `${deps.sovereign.origin}/git/${view.organization}/${view.name}.git`,
      branch,
    },
    versions: [...deps.catalog.versions(view.blueprint.name, viewer)],
    upgrades: upgradesOf(deps.catalog, view.organization, view.blueprint),
    volumes: volumes.map((volume) => ({ ...volume })),
    ...(watch ? { watch } : {}),
  };
}

/** The files of the branch that build this Environment, and the objects that were applied. */
export async function readManifests(
  deps: ApiDeps,
  environment: Environment,
  view: ApplicationView,
): Promise<Manifests> {
  const { envType } = environment.spec;
  const repository = { organization: view.organization, name: view.name };
  const head = await deps.repositories.head(repository, branchOf(envType));
  const tree = head === undefined ? [] : await deps.repositories.files(repository, head);
  const wanted = tree
    .filter((file) => file.path.startsWith('base/') || file.path.startsWith(`${overlayFolder(envType)}/`))
    .slice(0, maxFiles);
  const files: Manifests['files'] = [];
  for (const file of wanted) {
    if (head === undefined || file.sizeBytes > maxFileBytes) continue;
    const content = await deps.repositories.read(repository, head, file.path);
    if (content) files.push({ path: file.path, content: new TextDecoder().decode(content) });
  }
  const objects = (await deps.gitops.manifests(view.environment, view.name)) ?? [];
  return { files, objects: objects.map((object) => ({ ...object })) };
}
