import { createHash } from 'node:crypto';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** What an artifact holds: a Helm chart, or the folder of a Blueprint without one. */
export type ArtifactKind = 'chart' | 'folder';

const mediaTypes: Record<ArtifactKind, { readonly config: string; readonly layer: string }> = {
  chart: {
    config: 'application/vnd.cncf.helm.config.v1+json',
    layer: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  },
  folder: {
    config: 'application/vnd.catalyst.blueprint.config.v1+json',
    layer: 'application/vnd.catalyst.blueprint.content.v1.tar+gzip',
  },
};

/** A blob as a registry serves it. */
export interface OciBlob {
  readonly mediaType: string;
  readonly digest: string;
  readonly body: Uint8Array;
}

/** An OCI artifact: manifest, config and the chart or folder as the only layer. */
export interface OciArtifact {
  readonly manifest: OciBlob;
  readonly config: OciBlob;
  readonly layer: OciBlob;
}

/** `sha256:…` of some bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function blob(mediaType: string, body: Uint8Array): OciBlob {
  return { mediaType, digest: digestOf(body), body };
}

/** Builds the artifact that `helm push` would (of a chart), without anything that changes from run to run. */
export function buildArtifact(
  kind: ArtifactKind,
  metadata: Readonly<Record<string, unknown>>,
  archive: Uint8Array,
): OciArtifact {
  const config = blob(mediaTypes[kind].config, Buffer.from(JSON.stringify(metadata)));
  const layer = blob(mediaTypes[kind].layer, archive);
  const describe = (part: OciBlob) => ({
    mediaType: part.mediaType,
    digest: part.digest,
    size: part.body.length,
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: describe(config),
    layers: [describe(layer)],
    annotations: {
      'org.opencontainers.image.title': String(metadata['name']),
      'org.opencontainers.image.version': String(metadata['version']),
    },
  };
  return { manifest: blob(manifestType, Buffer.from(JSON.stringify(manifest))), config, layer };
}

/** The tag under which a version stands: tags know no `+`, and Helm writes `_` for it. */
export function tagOf(version: string): string {
  return version.replaceAll('+', '_');
}
