import type { JsonObject, KubernetesObject } from '@catalyst/model/kubernetes.ts';
import type { Result } from '@catalyst/model/problem.ts';

/** A chart to render, by digest; `archive` is the `.tgz` on disk. */
export interface ChartRender {
  readonly chart: { readonly digest: string; readonly archive: string };
  readonly release: { readonly name: string; readonly namespace: string };
  readonly values: JsonObject;
  /** Gives way to renders without it, and never takes the last place; the answer is the same. */
  readonly background?: boolean;
}

/** The files of one commit and the folder to build. */
export interface KustomizeBuild {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly path: string;
  /** As in `ChartRender`. */
  readonly background?: boolean;
}

/**
 * From input to Kubernetes objects: a pure function of its inputs, with the tool in a sandbox (empty environment, no network,
 * only the export mounted, limits on address space, processes and CPU, SIGKILL at 10 s), or without it where the result is known to
 * be the same. Renders are cached by their inputs.
 * Refusals are values with codes: `UnsafePath`, `RemoteBase`, `HelmInflation`, `Plugin`, `Symlink`, `AliasBomb`, `TooLarge`,
 * `RenderFailed` (with the tool's own words, paths shortened), `RenderTimeout`, `RenderLimit`. `Unavailable` is thrown when the tool is missing.
 */
export interface Renderer {
  build(request: KustomizeBuild): Promise<Result<readonly KubernetesObject[]>>;
  template(request: ChartRender): Promise<Result<readonly KubernetesObject[]>>;
  /** Renders twice, without the cache: refuses a chart whose results differ (`NotReproducible`) or that uses `lookup` (`UsesLookup`). */
  verify(request: ChartRender): Promise<Result<readonly KubernetesObject[]>>;
}
