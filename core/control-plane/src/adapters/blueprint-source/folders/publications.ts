import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isComposite } from '@catalyst/model/blueprint/composite.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { Blueprint } from '@catalyst/model/resources/blueprint.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { LoadedBlueprint } from './load-blueprint.ts';
import { type ArtifactKind, buildArtifact, type OciArtifact } from './oci-artifact.ts';

/** A packaged Blueprint version on disk, below its digest. It stays when its folder moves on, because Applications pin digests. */
export interface Publication {
  readonly origin: string;
  readonly blueprint: Blueprint;
  readonly digest: string;
  readonly archive: string;
  readonly artifact: OciArtifact;
  readonly bindingArchive?: { readonly archive: string; readonly digest: string };
  readonly defaults: JsonObject;
  readonly emptyByDefault: boolean;
  readonly readme?: string;
  readonly icon?: string;
}

/** What the archive of a Blueprint holds. */
export function kindOf(blueprint: Blueprint): ArtifactKind {
  return isComposite(blueprint) ? 'folder' : 'chart';
}

/** What the default render said, and of which binding chart. */
export interface Verdict {
  readonly binding?: string | undefined;
  readonly problems: readonly Problem[];
}

type Stored = Omit<Publication, 'digest' | 'archive' | 'artifact' | 'bindingArchive'> & {
  readonly metadata: JsonObject;
  readonly bindingDigest?: string;
};

/** The folder of publications. Writes are atomic; a damaged publication is left out with a warning. */
export interface Publications {
  load(): Promise<Publication[]>;
  publish(origin: string, loaded: LoadedBlueprint): Promise<Publication>;
  verdict(digest: string): Promise<Verdict | undefined>;
  saveVerdict(digest: string, verdict: Verdict): Promise<void>;
}

/** Opens the store below `directory`. */
export function createPublications(directory: string, logger: Logger): Publications {
  const folderOf = (digest: string) => join(directory, digest.slice('sha256:'.length));
  return {
    async load() {
      await mkdir(directory, { recursive: true });
      const names = (await readdir(directory)).filter((name) => /^[0-9a-f]{64}$/.test(name));
      const loaded = await Promise.all(
        names.map((name) => readPublication(join(directory, name), `sha256:${name}`, logger)),
      );
      return loaded.filter((publication) => publication !== undefined);
    },
    async publish(origin, blueprint) {
      const folder = folderOf(blueprint.artifact.manifest.digest);
      const publication = toPublication(folder, origin, blueprint);
      const present = await readPublication(folder, publication.digest, undefined);
      if (present !== undefined && description(present) === description(publication)) return publication;
      await writePublication(directory, folder, publication, blueprint);
      return publication;
    },
    async verdict(digest) {
      const text = await readFile(join(folderOf(digest), 'verdict.json'), 'utf8').catch(() => undefined);
      try {
        const verdict = text === undefined ? undefined : (JSON.parse(text) as Verdict);
        return Array.isArray(verdict?.problems) ? verdict : undefined;
      } catch {
        return undefined;
      }
    },
    async saveVerdict(digest, verdict) {
      await writeAtomic(join(folderOf(digest), 'verdict.json'), JSON.stringify(verdict));
    },
  };
}

/** Everything but the bytes, which the digests stand for. */
function description(publication: Publication): string {
  return JSON.stringify({ ...publication, artifact: undefined });
}

function toPublication(folder: string, origin: string, loaded: LoadedBlueprint): Publication {
  const { blueprint, artifact, binding, defaults, emptyByDefault, readme, icon } = loaded;
  return {
    origin,
    blueprint,
    digest: artifact.manifest.digest,
    archive: join(folder, 'chart.tgz'),
    artifact,
    ...(binding === undefined
      ? {}
      : { bindingArchive: { archive: join(folder, 'binding.tgz'), digest: binding.manifest.digest } }),
    defaults,
    emptyByDefault,
    ...(readme === undefined ? {} : { readme }),
    ...(icon === undefined ? {} : { icon }),
  };
}

async function writePublication(
  directory: string,
  folder: string,
  publication: Publication,
  loaded: LoadedBlueprint,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { digest: _digest, archive: _archive, artifact, bindingArchive, ...rest } = publication;
  const stored: Stored = {
    ...rest,
    metadata: JSON.parse(Buffer.from(artifact.config.body).toString('utf8')) as JsonObject,
    ...(bindingArchive === undefined ? {} : { bindingDigest: bindingArchive.digest }),
  };
  await writeAtomic(publication.archive, artifact.layer.body);
  if (bindingArchive !== undefined && loaded.binding !== undefined)
    await writeAtomic(bindingArchive.archive, loaded.binding.layer.body);
  await writeAtomic(join(folder, 'publication.json'), JSON.stringify(stored));
  await syncFolder(folder);
  await syncFolder(directory);
}

async function readPublication(
  folder: string,
  digest: string,
  logger: Logger | undefined,
): Promise<Publication | undefined> {
  try {
    const stored = JSON.parse(await readFile(join(folder, 'publication.json'), 'utf8')) as Stored;
    const { metadata, bindingDigest, ...rest } = stored;
    const archive = join(folder, 'chart.tgz');
    const artifact = buildArtifact(kindOf(rest.blueprint), metadata, await readFile(archive));
    if (artifact.manifest.digest !== digest) throw new Error('the digest does not match');
    return {
      origin: rest.origin,
      blueprint: rest.blueprint,
      digest,
      archive,
      artifact,
      ...(bindingDigest === undefined
        ? {}
        : { bindingArchive: { archive: join(folder, 'binding.tgz'), digest: bindingDigest } }),
      defaults: rest.defaults,
      emptyByDefault: rest.emptyByDefault,
      ...(rest.readme === undefined ? {} : { readme: rest.readme }),
      ...(rest.icon === undefined ? {} : { icon: rest.icon }),
    };
  } catch (error) {
    logger?.warn(
      { digest, reason: error instanceof Error ? error.message : String(error) },
      'A packaged Blueprint version is damaged and left out',
    );
    return undefined;
  }
}

async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o644);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
