import type { Problem } from '@catalyst/model/problem.ts';
import type { Blueprint } from '@catalyst/model/resources/blueprint.ts';

/** A version of a Blueprint, verified and packaged. */
export interface BlueprintVersion {
  readonly name: string;
  readonly version: string;
  /** `catalog` (public), `catalog-sovereign`, or the Organization that owns it. */
  readonly origin: string;
  readonly blueprint: Blueprint;
  /** `sha256:…` of the packaged chart: of the OCI manifest that `/v2/` serves. */
  readonly digest: string;
  /** The chart `.tgz`. */
  readonly archive: string;
  /** The binding chart `.tgz`, where `provides.binding` exists. */
  readonly bindingArchive?: { readonly archive: string; readonly digest: string };
  /** OCI address without tag, as written to `release.yaml`. */
  readonly url: string;
  /** Default values of the chart. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** README in Markdown. */
  readonly readme?: string;
  /** `data:` URL of the icon. */
  readonly icon?: string;
}

/** A folder that should be a Blueprint and is not. */
export interface MalformedBlueprint {
  readonly name: string;
  readonly origin: string;
  readonly problems: readonly Problem[];
}

/** Versions of Blueprints with their schema, chart and digest. One malformed Blueprint never hides the others. */
export interface BlueprintSource {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Every version of every origin, newest first per name. */
  list(): readonly BlueprintVersion[];
  malformed(): readonly MalformedBlueprint[];
  /** The exact version, or the newest when none is asked for. */
  find(name: string, version?: string): BlueprintVersion | undefined;
  findByDigest(digest: string): BlueprintVersion | undefined;
  /** Read-only OCI distribution: what `GET /v2/<path>` answers; undefined is 404. */
  oci(
    path: string,
  ): Promise<{ readonly mediaType: string; readonly digest: string; readonly body: Uint8Array } | undefined>;
}
