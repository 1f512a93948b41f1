import { constants } from 'node:fs';
import {
  chmod,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rmdir,
  statfs,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { invalid, shown } from './identity.ts';
import { runTool } from './run-tool.ts';

const tmpfsMagic = 0x01021994;
/** Linux: a handle for the place only; Node has no constant for it. */
const openPath = 0o10000000;
const maxDepth = 32;

/** Makes `path` a folder in memory (tmpfs), by a mount of its own where it is none; what lies there never reaches a disk. */
export async function ensureMemoryFolder(path: string, sizeBytes: number, mode: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if ((await statfs(path)).type === tmpfsMagic && (await isMountPoint(path))) return;
  await runTool('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes},mode=${mode},nosuid,nodev`, 'tmpfs', path]);
}

interface Mount {
  /** `major:minor` of the file system. */
  readonly device: string;
  /** What of the file system is mounted. */
  readonly root: string;
  readonly point: string;
}

/** Mounts as a process sees them. */
async function mountsOf(process: string): Promise<Mount[]> {
  const text = await readFile(`/proc/${process}/mountinfo`, 'utf8');
  const plain = (path = '') =>
    path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, , device = '', root, point]) => ({ device, root: plain(root), point: plain(point) }))
    .filter(({ point }) => point !== '');
}

async function mountPoints(): Promise<string[]> {
  return (await mountsOf('self')).map(({ point }) => point);
}

const isWithin = (path: string, folder: string) =>
  path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

/**
 * Whether `folder` or anything in it is mounted somewhere, in whatever container of this machine: the kernel is asked, and not what
 * anybody remembers.
 */
export async function isMountedAnywhere(folder: string): Promise<boolean> {
  const path = await realpath(folder);
  const around = (await mountsOf('self')).filter(({ point }) => isWithin(path, point));
  const home = around.reduce<Mount | undefined>(
    (deepest, mount) => (mount.point.length >= (deepest?.point.length ?? 0) ? mount : deepest),
    undefined,
  );
  if (!home) return true;
  const place = join(home.root, relative(home.point, path));
  const seen = new Set<string>();
  for (const process of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // A process may end at any moment; another one of the same namespace is looked at then.
    const namespace = await readlink(`/proc/${process}/ns/mnt`).catch(() => undefined);
    if (namespace === undefined || seen.has(namespace)) continue;
    const mounts = await mountsOf(process).catch(() => undefined);
    if (!mounts) continue;
    seen.add(namespace);
    if (mounts.some(({ device, root }) => device === home.device && isWithin(root, place))) return true;
  }
  return false;
}

async function isMountPoint(path: string): Promise<boolean> {
  return (await mountPoints()).includes(path);
}

/**
 * Takes away every mount at or below `folder`. Returns whether none is left: only then may anything there be deleted, because a
 * deletion would go through to the data behind.
 */
export async function unmountBelow(folder: string): Promise<boolean> {
  const below = async () =>
    (await mountPoints()).filter((path) => path === folder || path.startsWith(`${folder}/`));
  for (const path of (await below()).reverse())
    await runTool('umount', ['--lazy', '--no-canonicalize', '--', path]).catch(() => undefined);
  return (await below()).length === 0;
}

/**
 * Binds `root/subPath` to `target` so that nothing an Application does meanwhile (a folder exchanged for a symbolic link) can
 * lead outside of `root`: each part is opened without following links, and the opened place itself is mounted. Missing folders
 * are made. Throws `Invalid` for a path that leaves the volume.
 */
export async function bindSubPath(root: string, subPath: string, target: string): Promise<void> {
  const handle = await openInside(root, subPath);
  try {
    const isFolder = (await handle.stat()).isDirectory();
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await runTool('umount', ['--lazy', '--no-canonicalize', '--', target]).catch(() => undefined);
    if (isFolder) await mkdir(target, { recursive: true });
    else await writeFile(target, '', { flag: 'a' });
    await runTool('mount', [
      '--no-canonicalize',
      '--bind',
      '--',
      `/proc/${process.pid}/fd/${handle.fd}`,
      target,
    ]);
  } finally {
    await handle.close();
  }
}

/** Removes an (unmounted) target of `bindSubPath`; never recursive. */
export async function removeMountTarget(path: string): Promise<void> {
  await rmdir(path).catch(() => unlink(path).catch(() => undefined));
}

async function openInside(root: string, subPath: string): Promise<FileHandle> {
  const parts = subPath.split('/').filter((part) => part !== '' && part !== '.');
  if (subPath.startsWith('/') || parts.includes('..') || subPath.includes('\0') || parts.length > maxDepth)
    throw invalid(`The subPath "${shown(subPath)}" must stay inside its volume.`);
  let handle = await open(root, openPath | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  for (const [index, part] of parts.entries()) {
    const parent = handle;
    try {
      handle = await openChild(parent, part, index === parts.length - 1, subPath);
    } finally {
      await parent.close();
    }
  }
  return handle;
}

async function openChild(
  parent: FileHandle,
  part: string,
  last: boolean,
  subPath: string,
): Promise<FileHandle> {
  const path = `/proc/self/fd/${parent.fd}/${part}`;
  const made = await mkdir(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      return false;
    },
  );
  const child = await open(path, openPath | constants.O_NOFOLLOW);
  try {
    const found = await child.stat();
    // By the handle: under its name there may be a link to a path of the host by now.
    if (made && found.isDirectory()) await chmod(`/proc/self/fd/${child.fd}`, 0o777);
    if (found.isDirectory() || (last && found.isFile())) return child;
  } catch (error) {
    await child.close();
    throw error;
  }
  await child.close();
  throw invalid(
    `The subPath "${shown(subPath)}" leads through "${shown(part)}", which is a link or no folder: it must stay inside its volume.`,
  );
}
