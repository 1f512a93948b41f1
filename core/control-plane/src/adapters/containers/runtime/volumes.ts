import { createHash, randomUUID } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { VolumeInfo } from '../../../ports/workloads.ts';
import { checkMountTarget, type ResolvedMount } from './container-body.ts';
import {
  bindSubPath,
  ensureMemoryFolder,
  isMountedAnywhere,
  removeMountTarget,
  unmountBelow,
} from './host-mounts.ts';
import { checkLabel, checkSubdomain, invalid, shown } from './identity.ts';
import type { ContainerSpec, PodSpec, PodVolume } from './pod-runtime.ts';
import { runTool } from './run-tool.ts';

/** Data volumes and mounted files of Pods on this machine. */
export interface Volumes {
  /** Prepares the folders in memory; to be called once before anything else. */
  start(): Promise<void>;
  /** Makes sure that everything a container mounts exists (also after a reboot) and says where. */
  mounts(spec: PodSpec, container: ContainerSpec): Promise<ResolvedMount[]>;
  /** Removes what a Pod had besides its claims. */
  forgetPod(environment: string, pod: string): Promise<void>;
  ensureClaim(environment: string, application: string, claim: string, requestedBytes: number): Promise<void>;
  list(environment?: string, application?: string): Promise<Omit<VolumeInfo, 'inUse'>[]>;
  /** False, and nothing is deleted, where there is no such volume or anything on this machine has it mounted. */
  delete(environment: string, application: string, claim: string): Promise<boolean>;
  /** Gives back the memory of Secrets; only when no Pod is left. */
  release(): Promise<void>;
}

const maxFilesBytes = 8 * 1024 * 1024;
const maxFiles = 1_000;
/** Begins with a dot, as nothing does that is a volume. */
const doomedPrefix = '.deleted-';
const secretsSizeBytes = 256 * 1024 * 1024;
const defaultMemoryVolumeBytes = 64 * 1024 * 1024;

/**
 * Volumes below the data folder (claims, scratch folders) and the run folder (files of ConfigMaps; Secrets and `memory` volumes on
 * tmpfs). Kubernetes copies nothing from the image into a new volume, and neither does this.
 */
export function createVolumes(options: { dataDirectory: string; runDirectory: string }): Volumes {
  const claimsRoot = join(options.dataDirectory, 'volumes');
  const scratchRoot = join(options.dataDirectory, 'engine', 'scratch');
  const filesRoot = join(options.runDirectory, 'files');
  const secretsRoot = join(options.runDirectory, 'secrets');
  const memoryRoot = join(options.runDirectory, 'memory');
  const subPathsRoot = join(options.runDirectory, 'subpaths');

  function claimFolder(environment: string, application: string, claim: string): string {
    checkLabel('Environment', environment);
    checkLabel('Application', application);
    checkSubdomain('Claim', claim);
    return join(claimsRoot, environment, application, claim);
  }

  async function ensureClaim(
    environment: string,
    application: string,
    claim: string,
    requestedBytes: number,
  ) {
    const folder = claimFolder(environment, application, claim);
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
    await mkdir(folder).then(
      // Any user of an image may write to its own volume; the folders above let nobody else come here.
      () => chmod(folder, 0o777),
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      },
    );
    const note = await readNote(folder);
    if (note.requestedBytes !== requestedBytes) await writeNote(folder, { ...note, requestedBytes });
  }

  async function claimSource(spec: PodSpec, claim: string): Promise<string> {
    const { environment, application } = spec.identity;
    const folder = claimFolder(environment, application, claim);
    const found = await lstat(folder).catch(() => undefined);
    if (!found?.isDirectory()) throw invalid(`The volume "${claim}" of ${application} does not exist.`);
    const note = await readNote(folder);
    if (spec.fsGroup !== undefined && note.fsGroup === undefined) {
      await chown(folder, 0, spec.fsGroup);
      await chmod(folder, 0o2777);
      await writeNote(folder, { ...note, fsGroup: spec.fsGroup });
    }
    return folder;
  }

  async function source(spec: PodSpec, volume: PodVolume): Promise<string> {
    const { environment, pod } = spec.identity;
    if (volume.kind === 'claim') return claimSource(spec, volume.claim);
    if (volume.kind === 'files') {
      const root = volume.secret ? secretsRoot : filesRoot;
      // Somebody may have unmounted it: a Secret must not reach the disk then.
      if (volume.secret) await ensureMemoryFolder(secretsRoot, secretsSizeBytes, '0700');
      return writeFiles(join(root, environment, pod), volume, spec.fsGroup);
    }
    const folder = join(volume.memory ? memoryRoot : scratchRoot, environment, pod, volume.name);
    if (volume.memory) {
      await ensureMemoryFolder(folder, volume.sizeLimitBytes ?? defaultMemoryVolumeBytes, '1777');
    } else {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await chmod(folder, 0o777);
    }
    if (spec.fsGroup !== undefined) {
      await chown(folder, 0, spec.fsGroup);
      await chmod(folder, 0o2777);
    }
    return folder;
  }

  async function mounts(spec: PodSpec, container: ContainerSpec): Promise<ResolvedMount[]> {
    const resolved: ResolvedMount[] = [];
    for (const [index, mount] of container.mounts.entries()) {
      const target = checkMountTarget(mount.path);
      if (resolved.some((other) => other.target === target))
        throw invalid(`Two volumes are mounted at "${shown(target)}" of container ${container.name}.`);
      const volume = spec.volumes.find((candidate) => candidate.name === mount.volume);
      if (!volume)
        throw invalid(`Container ${container.name} mounts "${shown(mount.volume)}", which is no volume.`);
      checkLabel('Volume', volume.name);
      const root = await source(spec, volume);
      const readOnly = mount.readOnly || volume.kind === 'files';
      resolved.push({
        source: await inside(spec, container, volume, root, mount.subPath, index),
        target,
        readOnly,
      });
    }
    return resolved;
  }

  async function inside(
    spec: PodSpec,
    container: ContainerSpec,
    volume: PodVolume,
    root: string,
    subPath: string | undefined,
    index: number,
  ): Promise<string> {
    if (subPath === undefined || subPath === '') return root;
    if (volume.kind === 'files') {
      if (!(subPath in volume.files))
        throw invalid(`The volume "${volume.name}" has no file "${shown(subPath)}".`);
      return join(root, ...fileParts(subPath));
    }
    const { environment, pod } = spec.identity;
    const target = join(subPathsRoot, environment, pod, container.name, String(index));
    await bindSubPath(root, subPath, target);
    return target;
  }

  async function forgetPod(environment: string, pod: string): Promise<void> {
    checkLabel('Environment', environment);
    checkLabel('Pod', pod);
    for (const root of [subPathsRoot, memoryRoot]) {
      const folder = join(root, environment, pod);
      if (await unmountBelow(folder)) await removeEmpty(folder, 3);
    }
    await Promise.all(
      [filesRoot, secretsRoot, scratchRoot].map((root) =>
        rm(join(root, environment, pod), { recursive: true, force: true, maxRetries: 2 }),
      ),
    );
  }

  async function list(environment?: string, application?: string): Promise<Omit<VolumeInfo, 'inUse'>[]> {
    const found: Omit<VolumeInfo, 'inUse'>[] = [];
    for (const env of environment === undefined ? await folders(claimsRoot) : [environment]) {
      checkLabel('Environment', env);
      const applications = application === undefined ? await folders(join(claimsRoot, env)) : [application];
      for (const app of applications) {
        checkLabel('Application', app);
        for (const claim of await folders(join(claimsRoot, env, app))) {
          const folder = join(claimsRoot, env, app, claim);
          const { requestedBytes = 0 } = await readNote(folder);
          found.push({
            environment: env,
            application: app,
            claim,
            requestedBytes,
            sizeBytes: await size(folder),
          });
        }
      }
    }
    return found;
  }

  async function remove(environment: string, application: string, claim: string): Promise<boolean> {
    const folder = claimFolder(environment, application, claim);
    if (!(await lstat(folder).catch(() => undefined))) return false;
    // Whoever can still write there could lead the deletion to any other place of this machine.
    if (await isMountedAnywhere(folder)) return false;
    const doomed = join(dirname(folder), `${doomedPrefix}${randomUUID()}`);
    await rename(folder, doomed);
    if (await isMountedAnywhere(doomed)) {
      await rename(doomed, folder);
      return false;
    }
    await rm(notePath(folder), { force: true });
    await rm(doomed, { recursive: true, force: true, maxRetries: 2 });
    return true;
  }

  /** What a crash left in the middle of a deletion. */
  async function removeDoomed(): Promise<void> {
    for (const environment of await folders(claimsRoot))
      for (const application of await folders(join(claimsRoot, environment)))
        for (const name of await readdir(join(claimsRoot, environment, application)))
          if (
            name.startsWith(doomedPrefix) &&
            !(await isMountedAnywhere(join(claimsRoot, environment, application, name)))
          )
            await rm(join(claimsRoot, environment, application, name), { recursive: true, force: true });
  }

  return {
    start: async () => {
      await ensureMemoryFolder(secretsRoot, secretsSizeBytes, '0700');
      for (const folder of [filesRoot, memoryRoot, subPathsRoot, scratchRoot, claimsRoot])
        await mkdir(folder, { recursive: true, mode: 0o700 });
      await removeDoomed();
    },
    mounts,
    forgetPod,
    ensureClaim,
    list,
    delete: remove,
    release: async () => {
      await unmountBelow(secretsRoot);
    },
  };
}

async function removeEmpty(folder: string, depth: number): Promise<void> {
  if (depth > 0)
    for (const entry of await readdir(folder).catch(() => []))
      await removeEmpty(join(folder, entry), depth - 1);
  await removeMountTarget(folder);
}

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
}

async function size(folder: string): Promise<number> {
  // Ends with an error, but with a figure, when files vanish meanwhile; a size is a hint, never a reason to fail.
  const output = await runTool('du', ['-s', '-x', '-B1', '--', folder], { timeoutMs: 20_000 }).catch(
    () => '0',
  );
  return Number.parseInt(output, 10) || 0;
}

interface ClaimNote {
  readonly requestedBytes?: number;
  readonly fsGroup?: number;
}

function notePath(folder: string): string {
  return join(dirname(folder), `.${folder.slice(folder.lastIndexOf('/') + 1)}.json`);
}

async function readNote(folder: string): Promise<ClaimNote> {
  try {
    return JSON.parse(await readFile(notePath(folder), 'utf8')) as ClaimNote;
  } catch {
    return {};
  }
}

async function writeNote(folder: string, note: ClaimNote): Promise<void> {
  const path = notePath(folder);
  await writeFile(`${path}.new`, JSON.stringify(note), { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

/** Parts of a file's path in a volume; refuses everything that is not plainly below it. */
function fileParts(path: string): string[] {
  const parts = path.split('/');
  const good = parts.every((part) => /^[-._a-zA-Z0-9]{1,253}$/.test(part) && part !== '.' && part !== '..');
  if (!good || parts.length > 16) throw invalid(`"${shown(path)}" is not a valid file name in a volume.`);
  return parts;
}

async function writeFiles(
  parent: string,
  volume: Extract<PodVolume, { kind: 'files' }>,
  fsGroup: number | undefined,
): Promise<string> {
  const files = Object.entries(volume.files);
  const bytes = files.reduce((sum, [, file]) => sum + Buffer.byteLength(file.content), 0);
  if (files.length > maxFiles || bytes > maxFilesBytes)
    throw invalid(`The volume "${volume.name}" has more than ${maxFiles} files or 8 MB.`);
  // The name tells the content: what is there is complete and right, also after a crash in between.
  const digest = createHash('sha256')
    .update(JSON.stringify([files, fsGroup]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(parent, `${volume.name}_${digest}`);
  if (await lstat(folder).catch(() => undefined)) return folder;
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  for (const [name, file] of files) {
    const path = join(draft, ...fileParts(name));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.content);
    if (fsGroup !== undefined) await chown(path, 0, fsGroup);
    await chmod(path, (file.mode ?? 0o644) & 0o777);
  }
  await chmod(draft, 0o755);
  await rename(draft, folder);
  return folder;
}
