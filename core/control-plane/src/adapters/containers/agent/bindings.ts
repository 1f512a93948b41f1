import { ok, type Result, refused } from '@catalyst/model/problem.ts';
import { hashOf } from '@catalyst/model/workload/canonical.ts';
import { checkObjects } from '@catalyst/model/workload/object-classes.ts';
import { toWorkload } from '@catalyst/model/workload/workloads.ts';
import type { BlueprintSource, BlueprintVersion } from '../../../ports/blueprint-source.ts';
import type { ReleaseTarget } from '../../../ports/gitops.ts';
import type { Renderer } from '../../../ports/renderer.ts';
import type { Secrets } from '../../../ports/secrets.ts';
import { type ReleaseDefinition, type ResolvedWorkload, resolveWorkload } from './release-definition.ts';

/** What one dependent needs of its provider before it may start. */
export interface Binding {
  /** Key of the row that remembers success. */
  readonly key: string;
  readonly job: string;
  readonly hash: string;
  readonly dependent: string;
  readonly alias: string;
  readonly secretName: string;
  readonly secret: Readonly<Record<string, string>>;
  readonly blueprint: BlueprintVersion;
}

/** Prepares the Jobs that make, say, a database and user for one dependent. */
export interface Bindings {
  /** Undefined: the provider's Blueprint needs no Job. Problem: `SecretMissing`. */
  describe(provider: ReleaseTarget, dependent: string, alias: string): Promise<Result<Binding | undefined>>;
  /** The Job, resolved with the provider's own configuration and the dependent's binding secret. */
  job(
    provider: ReleaseTarget,
    definition: ReleaseDefinition,
    binding: Binding,
  ): Promise<Result<ResolvedWorkload>>;
}

/** Creates the preparation of binding Jobs. Each is named by a hash of its inputs: changed inputs make another Job. */
export function createBindings(deps: {
  readonly renderer: Pick<Renderer, 'template'>;
  readonly blueprints: Pick<BlueprintSource, 'findByDigest'>;
  readonly secrets: Pick<Secrets, 'read'>;
}): Bindings {
  return {
    async describe(provider, dependent, alias) {
      const { environment, application, declaration } = provider;
      const blueprint = declaration && deps.blueprints.findByDigest(declaration.blueprint.digest);
      if (!blueprint?.bindingArchive || !blueprint.blueprint.spec.provides) return ok(undefined);
      const path = `${environment}/${dependent}/bindings/${alias}`;
      const secret = await deps.secrets.read(path);
      if (!secret)
        return refused({
          code: 'SecretMissing',
          message: `The secret of the binding "${alias}" does not exist yet; ${dependent} continues as soon as it does.`,
        });
      const hash = hashOf([
        blueprint.bindingArchive.digest,
        blueprint.blueprint.spec.provides,
        secret.values,
      ]);
      const secretName = `bind-${dependent}-${alias}`;
      return ok({
        key: `${environment}/${application}/binding/${dependent}/${alias}`,
        job: jobName(dependent, alias, hash),
        hash,
        dependent,
        alias,
        secretName,
        secret: secret.values,
        blueprint,
      });
    },

    async job(provider, definition, binding) {
      const { bindingArchive, blueprint } = binding.blueprint;
      const { provides } = blueprint.spec;
      if (!bindingArchive || !provides)
        return refused({ code: 'InvalidRelease', message: 'There is no binding chart.' });
      const rendered = await deps.renderer.template({
        chart: bindingArchive,
        release: {
          name: binding.secretName.slice(0, 53).replace(/-+$/, ''),
          namespace: provider.application,
        },
        values: {
          // The provider's own, so that the Job runs the image that the provider runs.
          ...definition.values,
          binding: {
            application: binding.dependent,
            alias: binding.alias,
            secretName: binding.secretName,
            service: provides.service,
            port: provides.port,
          },
        },
      });
      if (!rendered.ok) return rendered;
      const problems = checkObjects(rendered.value, { namespace: provider.application });
      if (problems.length > 0) return { ok: false, problems };
      const [workload, ...more] = rendered.value.map(toWorkload).filter((found) => found !== undefined);
      if (workload?.kind !== 'Job' || more.length > 0)
        return refused({ code: 'InvalidRelease', message: 'A binding chart renders exactly one Job.' });
      const sources = {
        configMaps: definition.sources.configMaps,
        secrets: new Map([...definition.sources.secrets, [binding.secretName, binding.secret]]),
      };
      const { activeDeadlineSeconds: _endless, ...endless } = workload;
      const resolved = resolveWorkload(
        { ...endless, name: binding.job, turn: 'main', backoffLimit: Number.MAX_SAFE_INTEGER },
        provider.application,
        sources,
        binding.hash,
        new Set(),
      );
      // A binding is worked on until it holds: its container is started again with back-off instead of the Job giving up.
      return resolved.ok
        ? ok({
            ...resolved.value,
            template: { ...resolved.value.template, restartPolicy: 'OnFailure' as const },
          })
        : resolved;
    },
  };
}

function jobName(dependent: string, alias: string, hash: string): string {
  return `bind-${`${dependent}-${alias}`.slice(0, 45).replace(/-+$/, '')}-${hash.slice(0, 8)}`;
}
