import { basePaths, overlayPaths } from '@catalyst/model/application-repository/paths.ts';
import { mergeValues } from '@catalyst/model/config/values.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';
import type { ReleaseTarget } from '../../ports/gitops.ts';
import type { Repositories } from '../../ports/repositories.ts';

/** Reads what people configured at the commit of a target: base and overlay, merged. */
export function createTargetConfig({
  repositories,
}: {
  readonly repositories: Pick<Repositories, 'read'>;
}): (target: ReleaseTarget) => Promise<JsonObject> {
  return async (target) => {
    const parsed = parseEnvironmentName(target.environment);
    if (!parsed) return {};
    const repository = { organization: target.organization, name: target.application };
    const read = async (path: string): Promise<JsonObject> => {
      const content = await repositories.read(repository, target.revision, path);
      const values = parseYamlObject(new TextDecoder().decode(content), path);
      return values.ok ? values.value : {};
    };
    return mergeValues({}, await read(basePaths.values), await read(overlayPaths(parsed.envType).values));
  };
}
