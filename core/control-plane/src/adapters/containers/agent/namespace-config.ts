import type { KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { ok, type Problem, type Result } from '@catalyst/model/problem.ts';
import { isOwnSecretKey } from '@catalyst/model/workload/check-objects.ts';
import { contentOf, toSecretImport } from '@catalyst/model/workload/namespace-content.ts';
import type { ConfigSources } from '@catalyst/model/workload/pod-template.ts';
import type { Secrets } from '../../../ports/secrets.ts';

/**
 * ConfigMaps and Secrets of an Application's namespace: rendered ones, and those that ExternalSecrets fetch from the store below
 * `<environment>/`, only under `<application>/`. Problem: `SecretMissing`, naming the path, never a value.
 */
export async function resolveConfig(
  objects: readonly KubernetesObject[],
  context: {
    readonly environment: string;
    readonly application: string;
    readonly secrets: Pick<Secrets, 'read'>;
  },
): Promise<Result<ConfigSources>> {
  const configMaps = new Map<string, Readonly<Record<string, string>>>();
  const secrets = new Map<string, Readonly<Record<string, string>>>();
  const problems: Problem[] = [];
  const read = async (key: string) => {
    const found = isOwnSecretKey(key, context.application)
      ? await context.secrets.read(`${context.environment}/${key}`)
      : undefined;
    if (!found)
      problems.push({
        code: 'SecretMissing',
        message: `The secret "${key}" of Environment ${context.environment} does not exist yet; the Application continues as soon as it does.`,
      });
    return found?.values ?? {};
  };
  for (const object of objects) {
    if (object.kind === 'ConfigMap') configMaps.set(object.metadata.name, contentOf(object));
    if (object.kind === 'Secret') secrets.set(object.metadata.name, contentOf(object));
    const imported = toSecretImport(object);
    if (!imported) continue;
    const values: Record<string, string> = {};
    for (const key of imported.extract) Object.assign(values, await read(key));
    for (const { secretKey, key, property } of imported.data) {
      const value = (await read(key))[property];
      if (value !== undefined) values[secretKey] = value;
      else
        problems.push({
          code: 'SecretMissing',
          message: `The secret "${key}" of Environment ${context.environment} has no key "${property}"; add it or change the ExternalSecret.`,
        });
    }
    secrets.set(imported.target, values);
  }
  return problems.length > 0 ? { ok: false, problems } : ok({ configMaps, secrets });
}
