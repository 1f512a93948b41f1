import type Docker from 'dockerode';
import type { Engine } from './engine.ts';
import { identityOfLabels, labels } from './identity.ts';
import type { ContainerStatus, PodIdentity, PodStatus } from './pod-runtime.ts';
import { runTool } from './run-tool.ts';

/** One engine container of ours. */
export interface Found {
  readonly id: string;
  readonly identity: PodIdentity;
  /** Undefined for a sandbox. */
  readonly container?: string;
  readonly init: boolean;
  readonly attempt: number;
  readonly image: string;
  /** The engine's word: `created`, `running`, `exited` … */
  readonly state: string;
  readonly createdAt: number;
  readonly graceSeconds: number;
  readonly address?: string;
}

/** What only an inspection tells; it never changes for one (id, state). */
export interface Detail {
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly error: string;
}

/** Reads what runs from the engine. */
export interface Observer {
  /** One list call; `filter` narrows by label. */
  list(filter?: { environment?: string; pod?: string; container?: string }): Promise<Found[]>;
  statuses(found: readonly Found[]): Promise<PodStatus[]>;
}

const concurrency = 8;
const killedCode = 137;

/** Podman's monitor does not notice on hybrid control groups; the kernel's log names the container's group. */
async function kernelKilled(id: string): Promise<boolean> {
  const log = await runTool('dmesg', []).catch(() => '');
  return log.split('\n').some((line) => line.includes('oom-kill:') && line.includes(id));
}

/** Reconstructs Pods from labels; inspections are remembered while a container stays in its state. */
export function createObserver(deps: { engine: Engine; sovereignId: string }): Observer {
  const { engine, sovereignId } = deps;
  const details = new Map<string, Detail>();

  async function list(
    filter: { environment?: string; pod?: string; container?: string } = {},
  ): Promise<Found[]> {
    const label = [`${labels.sovereign}=${sovereignId}`];
    if (filter.environment) label.push(`${labels.environment}=${filter.environment}`);
    if (filter.pod) label.push(`${labels.pod}=${filter.pod}`);
    if (filter.container) label.push(`${labels.container}=${filter.container}`);
    const containers = await engine.call('list containers', 30_000, (docker) =>
      docker.listContainers({ all: true, filters: JSON.stringify({ label }) }),
    );
    return containers.flatMap((info) => foundOf(info) ?? []);
  }

  async function detail(found: Found): Promise<void> {
    const key = `${found.id}/${found.state}`;
    if (details.has(key)) return;
    const { State: state } = await engine.call('inspect a container', 15_000, (docker) =>
      docker.getContainer(found.id).inspect(),
    );
    details.set(key, {
      exitCode: state.ExitCode,
      oomKilled: state.OOMKilled || (state.ExitCode === killedCode && (await kernelKilled(found.id))),
      startedAt: state.StartedAt,
      finishedAt: state.FinishedAt,
      error: state.Error,
    });
  }

  async function statuses(found: readonly Found[]): Promise<PodStatus[]> {
    const open = found.filter(
      (one) =>
        one.container !== undefined && one.state !== 'created' && !details.has(`${one.id}/${one.state}`),
    );
    for (let at = 0; at < open.length; at += concurrency)
      // One that vanishes meanwhile is reported as it was listed.
      await Promise.allSettled(open.slice(at, at + concurrency).map(detail));
    return group(found).map((members) => statusOf(members, (one) => details.get(`${one.id}/${one.state}`)));
  }

  return {
    list: async (filter) => {
      const found = await list(filter);
      if (!filter) prune(details, found);
      return found;
    },
    statuses,
  };
}

function prune(details: Map<string, Detail>, found: readonly Found[]): void {
  const keys = new Set(found.map((one) => `${one.id}/${one.state}`));
  for (const key of details.keys()) if (!keys.has(key)) details.delete(key);
}

function foundOf(info: Docker.ContainerInfo): Found | undefined {
  const identity = identityOfLabels(info.Labels);
  if (!identity) return undefined;
  const container = info.Labels[labels.container];
  const address = Object.values(info.NetworkSettings?.Networks ?? {})[0]?.IPAddress;
  return {
    id: info.Id,
    identity,
    ...(container !== undefined && { container }),
    init: info.Labels[labels.init] === 'true',
    attempt: Number(info.Labels[labels.attempt] ?? 0),
    image: info.Labels[labels.image] ?? info.Image,
    state: info.State,
    createdAt: info.Created * 1000,
    graceSeconds: Number(info.Labels[labels.grace] ?? 30),
    ...(address && info.State === 'running' && container === undefined && { address }),
  };
}

function group(found: readonly Found[]): Found[][] {
  const groups = new Map<string, Found[]>();
  for (const one of found) {
    const key = `${one.identity.environment}/${one.identity.pod}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

/** A Pod from its engine containers. Pure. */
export function statusOf(members: readonly Found[], detail: (one: Found) => Detail | undefined): PodStatus {
  const sandbox = members.find((one) => one.container === undefined);
  const first = sandbox ?? members[0];
  if (!first) throw new Error('A Pod has at least one engine container.');
  const names = new Set(members.flatMap((one) => one.container ?? []));
  const containers = [...names].map((name) => {
    const attempts = members.filter((one) => one.container === name).sort((a, b) => b.attempt - a.attempt);
    return containerStatus(attempts, detail);
  });
  return {
    identity: first.identity,
    ...(sandbox?.address !== undefined && { address: sandbox.address }),
    createdAt: new Date(first.createdAt).toISOString(),
    containers: containers.flatMap((status) => status ?? []),
  };
}

function containerStatus(
  attempts: readonly Found[],
  detail: (one: Found) => Detail | undefined,
): ContainerStatus | undefined {
  const [current, previous] = attempts;
  if (!current?.container) return undefined;
  const end = previous && ended(detail(previous));
  return {
    name: current.container,
    init: current.init,
    image: current.image,
    restarts: current.attempt,
    ...present(current, detail(current)),
    ...(end && { last: { exitCode: end.exitCode, reason: end.reason, finishedAt: end.finishedAt } }),
  };
}

type Present = Pick<
  ContainerStatus,
  'state' | 'reason' | 'message' | 'exitCode' | 'startedAt' | 'finishedAt'
>;

function present(one: Found, detail: Detail | undefined): Present {
  if (one.state === 'running' || one.state === 'paused' || one.state === 'stopping')
    return { state: 'running', ...(detail && { startedAt: detail.startedAt }) };
  // Never started: also what Podman says of everything that ran before a reboot.
  if (one.state === 'created' || one.state === 'configured' || one.state === 'initialized')
    return { state: 'waiting', reason: 'ContainerCreating' };
  const end = ended(detail);
  if (!detail || !end) return { state: 'terminated', reason: 'Error' };
  return {
    state: 'terminated',
    ...end,
    startedAt: detail.startedAt,
    ...(detail.error && { message: detail.error }),
  };
}

function ended(
  detail: Detail | undefined,
): { exitCode: number; reason: string; finishedAt: string } | undefined {
  if (!detail) return undefined;
  const reason = detail.oomKilled ? 'OOMKilled' : detail.exitCode === 0 ? 'Completed' : 'Error';
  return { exitCode: detail.exitCode, reason, finishedAt: detail.finishedAt };
}
