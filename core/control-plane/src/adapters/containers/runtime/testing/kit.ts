import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { pack } from 'tar-stream';
import type { Clock } from '../../../../ports/clock.ts';
import type { Logger } from '../../../../ports/logger.ts';
import { createPodRuntime, type PodRuntimeOptions } from '../create-pod-runtime.ts';
import { createEngine, type Engine } from '../engine.ts';
import { createEngineService, type EngineService } from '../engine-service.ts';
import { unmountBelow } from '../host-mounts.ts';
import type { ContainerSpec, PodRuntime, PodSpec, PodStatus } from '../pod-runtime.ts';

const execute = promisify(execFile);

/** A Sovereign's runtime on a Podman service of its own, for tests. */
export interface RuntimeKit {
  readonly sovereignId: string;
  readonly port: number;
  readonly image: string;
  readonly dataDirectory: string;
  readonly runDirectory: string;
  readonly engine: Engine;
  readonly service: EngineService;
  readonly runtime: PodRuntime;
  /** Another runtime on the same folders, as after a crash. */
  another(options?: Partial<PodRuntimeOptions>): PodRuntime;
  close(): Promise<void>;
}

export const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};

/** Real time. */
export const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

/** Why these tests cannot run here; undefined when they can. */
export function whyNotHere(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = ['podman', 'nft', 'nsenter', 'busybox'].filter(
    (tool) => !['/usr/bin', '/usr/sbin', '/bin', '/sbin'].some((folder) => existsSync(join(folder, tool))),
  );
  return missing.length > 0 ? `needs ${missing.join(', ')}` : undefined;
}

/** Starts everything; `close` removes all of it. */
export async function startRuntimeKit(): Promise<RuntimeKit> {
  const sovereignId = `t${randomBytes(4).toString('hex')}`;
  const root = await mkdtemp(join(tmpdir(), 'catalyst-runtime-'));
  const dataDirectory = join(root, 'data');
  const runDirectory = join(root, 'run');
  const port = 20_000 + (randomBytes(2).readUInt16BE(0) % 20_000);
  const service = createEngineService({ dataDirectory, runDirectory, logger: quiet, sockets: [] });
  await service.start();
  const engine = createEngine({ socketPath: service.socketPath });
  const image = `localhost/catalyst-test-${sovereignId}:1`;
  await importBusybox(engine, image);
  const runtimes: PodRuntime[] = [];
  const another = (options: Partial<PodRuntimeOptions> = {}) => {
    const runtime = createPodRuntime({
      socketPath: service.socketPath,
      sovereignId,
      sovereignPort: port,
      dataDirectory,
      runDirectory,
      mirrors: { rules: [] },
      clock,
      logger: quiet,
      ...options,
    });
    runtimes.push(runtime);
    return runtime;
  };
  const runtime = another();
  await runtime.start();
  return {
    sovereignId,
    port,
    image,
    dataDirectory,
    runDirectory,
    engine,
    service,
    runtime,
    another,
    close: async () => {
      await runtime.stopAll();
      const states = await readdir(join(dataDirectory, 'engine', 'environments'));
      for (const file of states) await runtime.removeEnvironment(file.replace(/\.json$/, ''));
      await Promise.all(runtimes.map((one) => one.stop()));
      await engine.docker().getImage(image).remove({ force: true });
      await service.stop();
      if (await unmountBelow(root)) await rm(root, { recursive: true, force: true });
    },
  };
}

async function importBusybox(engine: Engine, reference: string): Promise<void> {
  const path =
    ['/bin/busybox', '/usr/bin/busybox'].find((candidate) => existsSync(candidate)) ?? '/bin/busybox';
  const { stdout } = await execute(path, ['--list']);
  const archive = pack();
  archive.entry({ name: 'bin/busybox', mode: 0o755 }, readFileSync(path));
  for (const applet of stdout.trim().split('\n'))
    if (applet !== 'busybox') archive.entry({ name: `bin/${applet}`, type: 'symlink', linkname: 'busybox' });
  archive.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/:/bin/sh\n');
  archive.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  const answer = await engine
    .docker()
    .importImage(Readable.from([Buffer.concat(chunks)]), { repo: reference });
  for await (const part of answer) void part;
}

/** A container that runs `script` in a shell. */
export function shell(kit: RuntimeKit, script: string, more: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    name: 'main',
    image: kit.image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-c', script],
    env: {},
    mounts: [],
    limits: {},
    readOnlyRootFilesystem: false,
    ...more,
  };
}

/** A Pod of Application `shop` in `acme-dev` with these containers. */
export function podSpec(
  pod: string,
  containers: readonly ContainerSpec[],
  more: Partial<PodSpec> = {},
): PodSpec {
  return {
    identity: {
      organization: 'acme',
      environment: 'acme-dev',
      application: 'shop',
      pod,
      owner: { kind: 'Deployment', name: 'web' },
      templateHash: 'h1',
    },
    hostname: pod,
    initContainers: [],
    containers,
    volumes: [],
    terminationGraceSeconds: 1,
    selfHosts: [],
    ...more,
  };
}

/** The identity of a Pod elsewhere. */
export function identity(environment: string, application: string, pod: string): PodSpec['identity'] {
  return { ...podSpec(pod, []).identity, environment, application, pod };
}

/** Makes a Pod and starts all its containers. */
export async function runPod(runtime: PodRuntime, spec: PodSpec): Promise<PodStatus & { address: string }> {
  const status = await runtime.createPod(spec);
  await Promise.all(spec.containers.map((container) => runtime.startContainer(spec, container.name)));
  if (status.address === undefined) throw new Error('The Pod has no address.');
  return { ...status, address: status.address };
}

/** Waits until `check` gives a value. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined>,
  timeoutMs = 15_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}.`);
    await clock.sleep(50);
  }
}

/** Runs a shell script in a container. */
export async function inPod(
  runtime: PodRuntime,
  pod: string,
  script: string,
  options: { environment?: string; container?: string } = {},
): Promise<{ exitCode: number; output: string }> {
  const { environment = 'acme-dev', container = 'main' } = options;
  return runtime.exec(environment, pod, container, ['/bin/sh', '-c', script], 10_000);
}

/** Runs a tool on the host; never throws. */
export async function onHost(
  tool: string,
  args: readonly string[],
): Promise<{ ok: boolean; output: string }> {
  return execute(tool, [...args], { timeout: 10_000 }).then(
    ({ stdout }) => ({ ok: true, output: stdout }),
    (error: { stdout?: string; stderr?: string }) => ({
      ok: false,
      output: `${error.stdout}${error.stderr}`,
    }),
  );
}
