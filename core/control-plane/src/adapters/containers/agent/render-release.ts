import type { JsonObject, KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { applicationHost, envTypeOfBranch } from '@catalyst/model/names.ts';
import { ok, type Result, refused } from '@catalyst/model/problem.ts';
import { hashOf } from '@catalyst/model/workload/canonical.ts';
import { checkObjects } from '@catalyst/model/workload/object-classes.ts';
import { pickRelease } from '@catalyst/model/workload/release-objects.ts';
import type { BlueprintSource } from '../../../ports/blueprint-source.ts';
import type { ReleaseTarget } from '../../../ports/gitops.ts';
import type { Renderer } from '../../../ports/renderer.ts';
import type { Repositories } from '../../../ports/repositories.ts';

const maxFiles = 2000;
const maxFileBytes = 1024 * 1024;
const maxTreeBytes = 64 * 1024 * 1024;

/** Objects of one commit that passed every check. */
export interface Rendered {
  readonly objects: readonly KubernetesObject[];
  /** What the chart was given, its own defaults aside. */
  readonly values: JsonObject;
  /** Changes with chart or values: Helm's hooks run once for each. */
  readonly releaseHash: string;
}

/** From a commit to checked objects. Nothing is applied here. */
export interface ReleaseRenderer {
  render(target: ReleaseTarget): Promise<Result<Rendered>>;
  preview(
    target: Omit<ReleaseTarget, 'revision'>,
    files: ReadonlyMap<string, Uint8Array>,
    background?: boolean,
  ): Promise<Result<Rendered>>;
}

/** Hosts that an Ingress of the Application may claim: its own address, and declared ones outside the Sovereign's domain. */
export function hostsOf(target: Omit<ReleaseTarget, 'revision'>, domain: string): readonly string[] {
  const own = applicationHost(target.application, target.environment, domain);
  const declared = (target.declaration?.hosts ?? []).filter(
    (host) => host !== own && host !== domain && !host.endsWith(`.${domain}`) && !/^[\d.]+$/.test(host),
  );
  return [own, ...declared];
}

/**
 * Builds `overlays/<env_type>`, finds the chart by digest, renders it with the merged values, and checks every object. Problems:
 * those of the Renderer, `InvalidRelease`, `BlueprintMissing`, and those of `checkObjects`.
 */
export function createReleaseRenderer(deps: {
  readonly repositories: Pick<Repositories, 'files' | 'read'>;
  readonly renderer: Pick<Renderer, 'build' | 'template'>;
  readonly blueprints: Pick<BlueprintSource, 'findByDigest'>;
  readonly domain: string;
}): ReleaseRenderer {
  const { repositories, renderer, blueprints } = deps;

  async function preview(
    target: Omit<ReleaseTarget, 'revision'>,
    files: ReadonlyMap<string, Uint8Array>,
    background = false,
  ): Promise<Result<Rendered>> {
    const envType = envTypeOfBranch(target.branch);
    if (envType === undefined)
      return refused({
        code: 'InvalidRelease',
        message: `The branch "${target.branch}" realises no Environment.`,
      });
    const built = await renderer.build({ files, path: `overlays/${envType}`, background });
    if (!built.ok) return built;
    const request = pickRelease(built.value, target.application);
    if (!request.ok) return request;
    const { digest, name, values, objects: own } = request.value;
    const blueprint = blueprints.findByDigest(digest);
    if (!blueprint)
      return refused({
        code: 'BlueprintMissing',
        message: `No Blueprint with digest ${digest} is in the catalog of this Sovereign; add that version to the catalog or choose another one.`,
      });
    const templated = await renderer.template({
      chart: { digest: blueprint.digest, archive: blueprint.archive },
      release: { name, namespace: target.application },
      values,
      background,
    });
    if (!templated.ok) return templated;
    const objects = [...own, ...templated.value];
    const problems = checkObjects(objects, {
      namespace: target.application,
      hosts: hostsOf(target, deps.domain),
    });
    return problems.length > 0
      ? { ok: false, problems }
      : ok({ objects, values, releaseHash: hashOf([digest, values]) });
  }

  return {
    preview,
    async render(target) {
      const files = await readTree(repositories, target);
      return files.ok ? preview(target, files.value) : files;
    },
  };
}

async function readTree(
  repositories: Pick<Repositories, 'files' | 'read'>,
  target: ReleaseTarget,
): Promise<Result<ReadonlyMap<string, Uint8Array>>> {
  const repository = { organization: target.organization, name: target.application };
  const tree = await repositories.files(repository, target.revision);
  const sizeBytes = tree.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (tree.length > maxFiles || sizeBytes > maxTreeBytes)
    return refused({ code: 'TooLarge', message: 'The commit has more than 2,000 files or 64 MB.' });
  const strange = tree.find((file) => !file.mode.startsWith('100') || file.sizeBytes > maxFileBytes);
  if (strange)
    return refused({
      code: strange.mode.startsWith('100') ? 'TooLarge' : 'Symlink',
      file: strange.path,
      message: `${strange.path} is a symbolic link, a submodule or larger than 1 MB; remove it.`,
    });
  const files = new Map<string, Uint8Array>();
  for (const { path } of tree) {
    const content = await repositories.read(repository, target.revision, path);
    if (content) files.set(path, content);
  }
  return ok(files);
}
