import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildWritten } from '@catalyst/model/application-repository/build-written.ts';
import type { JsonObject, KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { CatalystError, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { ChartRender, KustomizeBuild, Renderer } from '../../../ports/renderer.ts';
import { findLookup } from './find-lookup.ts';
import { guardFiles } from './guard-files.ts';
import { guardKustomization } from './guard-kustomization.ts';
import { limits } from './limits.ts';
import { parseObjects } from './parse-objects.ts';
import { readArchive } from './read-archive.ts';
import { createRenderCache } from './render-cache.ts';
import { runSandboxed } from './run-sandboxed.ts';
import { createSlots } from './slots.ts';

/** Part of every key: a change of how renders are made or read makes new ones. */
const formatVersion = 1;
const namePattern = /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/;

/** What `createSandboxedRenderer` needs. Tools are absolute paths. */
export interface SandboxedRendererOptions {
  readonly helm: string;
  readonly kubectl: string;
  /** Default `/usr/bin/bwrap`. */
  readonly bwrap?: string;
  /** Default `/usr/bin/prlimit`. */
  readonly prlimit?: string;
  /** Renders, exports of running renders. */
  readonly cacheDirectory: string;
  /** As `1.35.0`: what charts see as the cluster's version. */
  readonly kubernetesVersion: string;
  /** What charts see as available beyond Helm's own list, as `external-secrets.io/v1`. */
  readonly apiVersions: readonly string[];
  /** Tools that run at once; others wait. Default 2. */
  readonly maxConcurrent?: number;
  /** Default 512 MB. */
  readonly maxCacheBytes?: number;
  readonly logger: Logger;
}

type Objects = Result<readonly KubernetesObject[]>;
type Tool = 'helm' | 'kubectl';

/**
 * Real Helm and Kustomize, each run inside bubblewrap (design.md section 6). There is no way around the sandbox; a kustomization that
 * is exactly what Catalyst writes is computed without the tool.
 */
export function createSandboxedRenderer(options: SandboxedRendererOptions): Renderer {
  const cache = createRenderCache(
    join(options.cacheDirectory, 'objects'),
    options.maxCacheBytes ?? 512 * 1024 * 1024,
    options.logger,
  );
  const slots = createSlots(options.maxConcurrent ?? 2);
  const running = new Map<string, Promise<Objects>>();

  /** The tool and what tells one build of it from another. */
  async function toolOf(tool: Tool): Promise<{ path: string; identity: string }> {
    try {
      const path = await realpath(options[tool]);
      const found = await stat(path);
      return { path, identity: `${tool} ${found.size} ${found.mtimeMs}` };
    } catch (cause) {
      throw new CatalystError(
        'Unavailable',
        `Charts cannot be rendered: ${tool} is not at ${options[tool]}. Run "./catalyst doctor".`,
        { cause, retry: 'later' },
      );
    }
  }

  /** One run per key at a time; whoever asks meanwhile gets the same answer. */
  function shared(key: string, make: () => Promise<Objects>): Promise<Objects> {
    const known = running.get(key);
    if (known !== undefined) return known;
    const made = make().finally(() => running.delete(key));
    running.set(key, made);
    return made;
  }

  /** Who may not wait does not join those who do. */
  async function cached(key: string, background: boolean, make: () => Promise<Objects>): Promise<Objects> {
    return shared(background ? `background ${key}` : key, async () => {
      const known = await cache.read(key);
      if (known !== undefined) return { ok: true, value: known };
      const made = await make();
      if (made.ok) await cache.write(key, made.value);
      return made;
    });
  }

  /** Runs a tool over files that passed the guard. */
  async function run(
    tool: string,
    files: ReadonlyMap<string, Uint8Array>,
    args: readonly string[],
    background: boolean,
  ): Promise<Objects> {
    const render = async () => {
      const input = await exportFiles(join(options.cacheDirectory, 'exports'), files);
      try {
        return await runSandboxed({
          bwrap: options.bwrap ?? '/usr/bin/bwrap',
          prlimit: options.prlimit ?? '/usr/bin/prlimit',
          tool,
          input,
          args,
        });
      } finally {
        await rm(input, { recursive: true, force: true });
      }
    };
    const output = await slots.use(render, { background });
    return output.ok ? parseObjects(output.value) : output;
  }

  async function helmRun(
    request: ChartRender,
  ): Promise<
    Result<{ key: string; make: () => Promise<Objects>; files: () => Promise<Result<Map<string, Buffer>>> }>
  > {
    const problem = problemOfRequest(request);
    if (problem !== undefined) return refused(problem);
    const values = JSON.stringify(sorted(request.values));
    if (values.length > limits.valuesBytes)
      return refused({ code: 'TooLarge', message: 'The values are larger than 1 MB.' });
    const archive = await readChart(request.chart.archive);
    if (!archive.ok) return archive;
    const helm = await toolOf('helm');
    const { name, namespace } = request.release;
    const key = hash(
      'template',
      helm.identity,
      request.chart.digest,
      archive.value,
      values,
      options.kubernetesVersion,
      options.apiVersions.join(),
      name,
      namespace,
    );
    const files = () => readArchive(archive.value);
    const background = request.background ?? false;
    const make = async (): Promise<Objects> => {
      const chart = await files();
      if (!chart.ok) return chart;
      const input = new Map<string, Uint8Array>([['values.json', Buffer.from(values)]]);
      for (const [path, content] of chart.value) input.set(`chart/${path}`, content);
      const problems = guardFiles(input);
      if (problems.length > 0) return refused(...problems);
      const apis = options.apiVersions.flatMap((api) => ['--api-versions', api]);
      const args = [
        'template',
        '--namespace',
        namespace,
        '--values',
        '/input/values.json',
        '--kube-version',
        options.kubernetesVersion,
        ...apis,
        '--',
        name,
        '/input/chart',
      ];
      return run(helm.path, input, args, background);
    };
    return { ok: true, value: { key, make, files } };
  }

  return {
    async build({ files, path, background = false }: KustomizeBuild) {
      const problems = guardKustomization(files, path);
      if (problems.length > 0) return refused(...problems);
      // Nearly every branch is as Catalyst wrote it but for its values; a process for each would be most of what a commit costs.
      const written = buildWritten(files, path);
      if (written) return { ok: true, value: written };
      const kubectl = await toolOf('kubectl');
      const contents = [...files]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, content]) => `${name}\n${hash(content)}`);
      return cached(hash('build', kubectl.identity, path, ...contents), background, () => {
        const input = new Map([...files].map(([name, content]) => [`files/${name}`, content]));
        const folder = path === '' || path === '.' ? '/input/files' : `/input/files/${path}`;
        return run(kubectl.path, input, ['kustomize', '--', folder], background);
      });
    },
    async template(request) {
      const prepared = await helmRun(request);
      return prepared.ok
        ? cached(prepared.value.key, request.background ?? false, prepared.value.make)
        : prepared;
    },
    async verify(request) {
      const prepared = await helmRun(request);
      if (!prepared.ok) return prepared;
      const files = await prepared.value.files();
      if (!files.ok) return files;
      const lookups = await findLookup(files.value);
      if (lookups.length > 0) return refused(...lookups);
      const first = await prepared.value.make();
      const second = first.ok ? await prepared.value.make() : first;
      if (!first.ok || !second.ok) return second;
      if (JSON.stringify(first.value) === JSON.stringify(second.value)) return first;
      return refused({
        code: 'NotReproducible',
        message: 'Two renders with the same values differ: the chart uses random values or the time.',
      });
    },
  };
}

function problemOfRequest({ release }: ChartRender): Problem | undefined {
  const bad = [release.name, release.namespace].find((name) => !namePattern.test(name));
  return bad === undefined
    ? undefined
    : {
        code: 'UnsafePath',
        message: `"${JSON.stringify(bad).slice(1, 60)}" cannot be the name of a release or namespace.`,
      };
}

async function readChart(path: string): Promise<Result<Buffer>> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile())
    return refused({ code: 'RenderFailed', message: 'The chart archive is not there.' });
  if (found.size > limits.archiveBytes)
    return refused({
      code: 'TooLarge',
      message: `The chart archive is larger than ${limits.archiveBytes} bytes.`,
    });
  return { ok: true, value: await readFile(path) };
}

/** Length-prefixed, so that no two lists of parts have one hash by being joined differently. */
function hash(...parts: readonly (string | Uint8Array)[]): string {
  const digest = createHash('sha256').update(`${formatVersion}`);
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    digest.update(`:${bytes.length}:`).update(bytes);
  }
  return digest.digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
}

async function exportFiles(directory: string, files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  await mkdir(directory, { recursive: true });
  const folder = await mkdtemp(join(directory, 'export-'));
  const made = new Set<string>();
  for (const [path, content] of files) {
    const target = join(folder, path);
    if (!made.has(dirname(target))) await mkdir(dirname(target), { recursive: true });
    made.add(dirname(target));
    await writeFile(target, content, { mode: 0o444, flag: 'wx' });
  }
  return folder;
}
