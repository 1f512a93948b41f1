import { digestOf, type OciArtifact, type OciBlob, tagOf } from './oci-artifact.ts';

/** One version in a repository of the registry. */
export interface OciVersion {
  readonly repository: string;
  readonly version: string;
  readonly artifact: OciArtifact;
}

const json = (value: unknown): OciBlob => {
  const body = Buffer.from(JSON.stringify(value));
  return { mediaType: 'application/json', digest: digestOf(body), body };
};

/**
 * Answers reads of the OCI distribution specification: the base, manifests by tag and digest, blobs, and tags. `current` is what tags
 * point to; `all` holds older publications too, reachable by digest. Undefined stands for 404.
 */
export function answerOci(
  path: string,
  current: readonly OciVersion[],
  all: readonly OciVersion[],
): OciBlob | undefined {
  const wanted = path.replace(/^\/+/, '').replace(/\/+$/, '');
  if (wanted === '') return json({});
  const match = /^(.{1,200}?)\/(manifests|blobs|tags)\/([A-Za-z0-9_.:+-]{1,140})$/.exec(wanted);
  const [, repository, what, reference] = match ?? [];
  if (repository === undefined || reference === undefined) return undefined;
  const here = all.filter((entry) => entry.repository === repository);
  const tagged = current.filter((entry) => entry.repository === repository);
  if (what === 'tags')
    return reference === 'list' && tagged.length > 0
      ? json({ name: repository, tags: tagged.map((entry) => tagOf(entry.version)) })
      : undefined;
  if (what === 'manifests')
    return (
      tagged.find((entry) => tagOf(entry.version) === reference)?.artifact.manifest ??
      here.find((entry) => entry.artifact.manifest.digest === reference)?.artifact.manifest
    );
  for (const { artifact } of here)
    for (const blob of [artifact.config, artifact.layer])
      if (blob.digest === reference)
        return {
          ...blob,
          mediaType: blob === artifact.config ? 'application/json' : 'application/octet-stream',
        };
  return undefined;
}
