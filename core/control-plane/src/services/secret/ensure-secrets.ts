import { secretsOf } from '@catalyst/model/blueprint/secrets-of.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import type { BlueprintSecret } from '@catalyst/model/resources/blueprint.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Catalog } from '../catalog/catalog.ts';

/** Fresh random values; passed in so that tests can tell them. */
export interface SecretGenerator {
  /** Letters and digits, so that no client or shell needs to escape them. */
  password(length: number): string;
  hex(length: number): string;
  uuid(): string;
}

/** What is needed to make sure that generated secrets exist. */
export interface EnsureSecretsDeps {
  readonly secrets: Secrets;
  readonly catalog: Catalog;
  readonly generator: SecretGenerator;
}

/** Makes sure that every generated secret of an Application exists. */
export type EnsureSecrets = (declaration: ApplicationDeclaration, config: JsonObject) => Promise<void>;

const maxAttempts = 5;

function secretValue(
  key: BlueprintSecret['keys'][number],
  generator: SecretGenerator,
  names: Record<'application' | 'alias', string>,
): string {
  if (key.value !== undefined)
    return key.value.replaceAll('{application}', names.application).replaceAll('{alias}', names.alias);
  const length = key.generate?.length ?? 32;
  switch (key.generate?.kind) {
    case 'hex':
      return generator.hex(length);
    case 'uuid':
      return generator.uuid();
    default:
      return generator.password(length);
  }
}

/**
 * Generates what is missing and keeps what is there, so that running it again changes nothing: an Application's own secrets at
 * `<environment>/<application>/<name>` and, for each binding, the keys that the provider's Blueprint names at
 * `<environment>/<application>/bindings/<alias>`. Throws `Unavailable` when a provider's Blueprint is gone.
 */
export function createEnsureSecrets({ secrets, catalog, generator }: EnsureSecretsDeps): EnsureSecrets {
  async function ensure(
    path: string,
    keys: BlueprintSecret['keys'],
    names: Record<'application' | 'alias', string>,
  ): Promise<void> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const present = await secrets.read(path);
      const missing = keys.filter((key) => present?.values[key.name] === undefined);
      if (present && missing.length === 0) return;
      const values = { ...present?.values };
      for (const key of missing) values[key.name] = secretValue(key, generator, names);
      if (await secrets.write(path, values, present?.version ?? 0)) return;
    }
    throw new CatalystError(codes.Conflict, `The secret ${path} is being changed by somebody else.`, {
      retry: 'later',
    });
  }

  return async (declaration, config) => {
    const { application, environment, organization } = declaration;
    const viewer = { organizations: [organization] };
    const own = catalog.find(declaration.blueprint.name, declaration.blueprint.version, viewer);
    if (!own)
      throw new CatalystError(
        codes.Unavailable,
        `${declaration.blueprint.name} ${declaration.blueprint.version} is not in the catalog.`,
        { retry: 'later' },
      );
    for (const secret of secretsOf(own.blueprint, config))
      await ensure(`${environment}/${application}/${secret.name}`, secret.keys, {
        application,
        alias: secret.name,
      });
    for (const requirement of declaration.requires) {
      // A requirement whose condition is false is not bound, and gets no Secret.
      if (!declaration.bindings.some((binding) => binding.alias === requirement.alias)) continue;
      const provider = catalog.find(requirement.blueprint, undefined, viewer);
      const keys = provider?.blueprint.spec.provides?.binding?.keys;
      if (!provider)
        throw new CatalystError(codes.Unavailable, `${requirement.blueprint} is not in the catalog.`, {
          retry: 'later',
        });
      // The branch references a Secret for every binding: it is empty where the provider gives none.
      await ensure(`${environment}/${application}/bindings/${requirement.alias}`, keys ?? [], {
        application,
        alias: requirement.alias,
      });
    }
  };
}
