import { type FSWatcher, watch as watchFolder } from 'node:fs';
import { findCompositeCycles } from '@catalyst/model/blueprint/composite-cycles.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import { rcompare } from 'semver';
import type {
  BlueprintSource,
  BlueprintVersion,
  MalformedBlueprint,
} from '../../../ports/blueprint-source.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Renderer } from '../../../ports/renderer.ts';
import { answerOci, type OciVersion } from './oci-responder.ts';
import { createPublications, type Publication } from './publications.ts';
import { type BlueprintFolder, scanFolders } from './scan-folders.ts';
import { verifyPublication } from './verification.ts';

const debounceMs = 300;

/** What `createFolderBlueprintSource` needs. */
export interface FolderBlueprintSourceOptions {
  /** Of two Blueprints with the same name and version the first one found counts. */
  readonly folders: readonly BlueprintFolder[];
  /** Where packaged versions are kept, by digest. Never delete what Applications pin. */
  readonly workDirectory: string;
  /** Host and port under which this Sovereign serves `/v2/`. */
  readonly registryUrl: string;
  /** Verifies default renders; without it nothing is verified. */
  readonly renderer?: Renderer;
  readonly logger: Logger;
  /** Reads a folder again after its files changed. */
  readonly watch?: boolean;
}

/** The embedded `BlueprintSource`: local folders, packaged reproducibly. */
export interface FolderBlueprintSource extends BlueprintSource {
  /** Resolves when everything known so far is verified. */
  settled(): Promise<void>;
}

interface State {
  /** What the folders hold now, by digest. */
  current: readonly Publication[];
  /** Everything ever packaged here, by digest. */
  published: Map<string, Publication>;
  malformed: readonly MalformedBlueprint[];
  /** Problems of the default render, by digest. */
  refused: Map<string, readonly Problem[]>;
  /** Problems of what lies on a circle of composites, by digest. */
  circular: Map<string, readonly Problem[]>;
  /** What may be installed, newest first per name; derived from the above. */
  offered: readonly Publication[];
  versions: readonly BlueprintVersion[];
}

/**
 * Blueprints from folders. What is found is listed at once; a default render that fails (checked in the background, remembered by
 * digest) moves it to the malformed. Earlier versions that were packaged here stay available to what pins them.
 */
export function createFolderBlueprintSource(options: FolderBlueprintSourceOptions): FolderBlueprintSource {
  const { logger, renderer } = options;
  const publications = createPublications(options.workDirectory, logger);
  const state: State = {
    current: [],
    published: new Map(),
    malformed: [],
    refused: new Map(),
    circular: new Map(),
    offered: [],
    versions: [],
  };
  // Where versions lie side by side, taking a folder away withdraws its version.
  const keeping = new Set(
    options.folders.flatMap(({ origin, layout }) => (layout === 'free' ? [] : [origin])),
  );
  const watchers: FSWatcher[] = [];
  let verifying: Promise<void> = Promise.resolve();
  let scanning: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const toVersion = (publication: Publication): BlueprintVersion => {
    const { blueprint, origin, digest, archive, bindingArchive, defaults, readme, icon } = publication;
    const name = blueprint.metadata.name;
    return {
      name,
      version: blueprint.spec.version,
      origin,
      blueprint,
      digest,
      archive,
      ...(bindingArchive === undefined ? {} : { bindingArchive }),
      url: `oci://${options.registryUrl}/${origin}/${name}`,
      defaults,
      ...(readme === undefined ? {} : { readme }),
      ...(icon === undefined ? {} : { icon }),
    };
  };

  const toOci = (publication: Publication): OciVersion => ({
    repository: `${publication.origin}/${publication.blueprint.metadata.name}`,
    version: publication.blueprint.spec.version,
    artifact: publication.artifact,
  });

  function refresh(): void {
    const candidates = offered(state, keeping);
    state.circular = circularProblems(candidates);
    state.offered = candidates.filter(({ digest }) => !state.circular.has(digest));
    state.versions = state.offered.map(toVersion);
  }

  async function verifyAll(found: readonly Publication[]): Promise<void> {
    if (renderer === undefined) return;
    for (const publication of found) {
      if (stopped) return;
      const problems = await verifyPublication(publication, { renderer, publications, logger });
      const wasRefused = state.refused.delete(publication.digest);
      const isRefused = problems !== undefined && problems.length > 0;
      if (isRefused) state.refused.set(publication.digest, problems);
      if (wasRefused || isRefused) refresh();
    }
  }

  async function scan(): Promise<void> {
    const { found, malformed } = await scanFolders(options.folders, logger);
    const current: Publication[] = [];
    for (const { origin, loaded } of found) {
      const publication = await publications.publish(origin, loaded);
      current.push(publication);
      state.published.set(publication.digest, publication);
    }
    for (const publication of current) {
      const verdict = await publications.verdict(publication.digest);
      if (verdict !== undefined && verdict.problems.length > 0 && renderer !== undefined)
        state.refused.set(publication.digest, verdict.problems);
    }
    state.current = current;
    state.malformed = malformed;
    refresh();
    verifying = verifying.then(() => verifyAll(current));
  }

  function rescanSoon(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      scanning = scanning.then(scan).catch((error: unknown) => {
        logger.error(
          { reason: error instanceof Error ? error.message : String(error) },
          'Blueprint folders could not be read again',
        );
      });
    }, debounceMs);
    timer.unref();
  }

  const source: FolderBlueprintSource = {
    async start() {
      for (const publication of await publications.load())
        state.published.set(publication.digest, publication);
      await scan();
      if (options.watch === true) watchers.push(...watchFolders(options.folders, rescanSoon, logger));
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      for (const watcher of watchers.splice(0)) watcher.close();
      await scanning;
      await verifying;
    },
    async settled() {
      await scanning;
      await verifying;
    },
    list: () => state.versions,
    malformed: () => [
      ...state.malformed,
      ...state.current.flatMap((publication) => {
        const problems = state.refused.get(publication.digest) ?? state.circular.get(publication.digest);
        return problems === undefined
          ? []
          : [{ name: publication.blueprint.metadata.name, origin: publication.origin, problems }];
      }),
    ],
    find: (name, version) =>
      state.versions.find(
        (entry) => entry.name === name && (version === undefined || entry.version === version),
      ),
    findByDigest(digest) {
      const publication = state.published.get(digest);
      return publication === undefined ? undefined : toVersion(publication);
    },
    async oci(path) {
      return answerOci(path, state.offered.map(toOci), [...state.published.values()].map(toOci));
    },
  };
  return source;
}

/**
 * What may be installed, newest first per name: what the folders hold, and earlier versions of the same Blueprints of the origins
 * that keep them. A version whose content changed without a new number stands for what the folder holds now.
 */
function offered(state: State, keeping: ReadonlySet<string>): Publication[] {
  const names = new Set(state.current.map(keyOf));
  const byVersion = new Map<string, Publication>();
  const earlier = [...state.published.values()].filter(
    (publication) => keeping.has(publication.origin) && names.has(keyOf(publication)),
  );
  for (const publication of [...earlier, ...state.current]) byVersion.set(labelOf(publication), publication);
  return [...byVersion.values()]
    .filter((publication) => !state.refused.has(publication.digest))
    .sort(
      (a, b) =>
        a.blueprint.metadata.name.localeCompare(b.blueprint.metadata.name, 'en') ||
        rcompare(a.blueprint.spec.version, b.blueprint.spec.version),
    );
}

/** What is on a circle with a composite in it: nobody can install that, and its author must hear why. */
function circularProblems(publications: readonly Publication[]): Map<string, readonly Problem[]> {
  const digests = new Map(publications.map(({ blueprint, digest }) => [blueprint, digest]));
  const problems = new Map<string, readonly Problem[]>();
  for (const { blueprint, chain } of findCompositeCycles([...digests.keys()])) {
    const digest = digests.get(blueprint);
    if (digest !== undefined)
      problems.set(digest, [
        {
          code: 'DependencyCycle',
          file: 'blueprint.yaml',
          field: 'spec.depends',
          message: `It depends on itself: ${chain.join(' → ')}. Take one of these dependencies away.`,
        },
      ]);
  }
  return problems;
}

/** One version is offered once, whatever its origin. */
function labelOf({ blueprint }: Publication): string {
  return `${blueprint.metadata.name} ${blueprint.spec.version}`;
}

function keyOf(publication: Publication): string {
  return `${publication.origin}/${publication.blueprint.metadata.name}`;
}

function watchFolders(
  folders: FolderBlueprintSourceOptions['folders'],
  changed: () => void,
  logger: Logger,
): FSWatcher[] {
  return folders.flatMap(({ directory }) => {
    try {
      const watcher = watchFolder(directory, { recursive: true, persistent: false }, changed);
      watcher.on('error', (error) =>
        logger.warn({ directory, reason: error.message }, 'A Blueprint folder is no longer watched'),
      );
      return [watcher];
    } catch (error) {
      logger.warn(
        { directory, reason: error instanceof Error ? error.message : String(error) },
        'A Blueprint folder cannot be watched',
      );
      return [];
    }
  });
}
