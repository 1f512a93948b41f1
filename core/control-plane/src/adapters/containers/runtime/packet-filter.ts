import { readdir, writeFile } from 'node:fs/promises';
import type { Logger } from '../../../ports/logger.ts';
import type { EnvironmentState, EnvironmentStates } from './environment-state.ts';
import { renderEnvironment, renderPod, renderRemoval, renderTables, tableNames } from './filter-rules.ts';
import { ensurePoolRoute } from './pool-route.ts';
import { runTool } from './run-tool.ts';
import { createSerialize } from './serialize.ts';

/** The host's packet filter of one Sovereign. Every call is one transaction: it holds as a whole or not at all. */
export interface PacketFilter {
  /** Rewrites both tables from the states on disk. */
  restore(): Promise<void>;
  /** Restores the tables if something (a firewall reload) took them away. Returns whether it had to. */
  verify(): Promise<boolean>;
  /** Replaces the rules of one Environment, together with those of others that wait; its state is on disk. */
  apply(state: EnvironmentState): Promise<void>;
  /** Sets the rules inside of a Pod's network namespace, and lets a Pod that calls its own Service reach itself. */
  applyPod(pid: number, bridge: string, self: { address: string; port: number } | undefined): Promise<void>;
  /** Takes an Environment's rules away; its state must be removed before. */
  forget(): Promise<void>;
  /** Removes both tables; they come back with the next `apply`. */
  remove(): Promise<void>;
}

/** Drives `nft` (and `nsenter` for Pods); needs root. Throws `Unavailable` with the tool's words. */
export function createPacketFilter(deps: {
  sovereignId: string;
  sovereignPort: number;
  states: Pick<EnvironmentStates, 'all'>;
  logger: Logger;
}): PacketFilter {
  const { sovereignId, sovereignPort, states } = deps;
  const serialize = createSerialize();
  const applied = new Map<string, EnvironmentState>();
  const waiting = new Map<string, EnvironmentState>();
  /** Why a state could not be applied, for who brought it. */
  const failures = new WeakMap<EnvironmentState, unknown>();
  let present = false;
  // After `remove`, a check must not bring back what was taken away on purpose.
  let removed = false;
  const nft = (script: string) => runTool('nft', ['-f', '-'], { input: script, timeoutMs: 30_000 });

  async function restore(): Promise<void> {
    const all = states.all();
    await ensurePoolRoute();
    await nft(renderTables(sovereignId, sovereignPort, all));
    applied.clear();
    for (const state of all) applied.set(state.environment, state);
    present = true;
    removed = false;
  }

  function isMoved({ environment, subnet }: EnvironmentState): boolean {
    const before = applied.get(environment);
    return before?.subnet !== undefined && before.subnet !== subnet;
  }

  async function run(states: readonly EnvironmentState[]): Promise<void> {
    const render = (state: EnvironmentState) =>
      renderEnvironment(sovereignId, sovereignPort, state, applied.get(state.environment));
    await nft(states.map(render).join(''));
    for (const state of states) applied.set(state.environment, state);
  }

  async function applyOne(state: EnvironmentState): Promise<void> {
    if (present && !isMoved(state)) {
      try {
        await run([state]);
        return;
      } catch (error) {
        deps.logger.warn(
          { error, environment: state.environment },
          'Packet filter out of step; rewriting it',
        );
      }
    }
    await restore();
  }

  /** One run of `nft` for all that waits: starting it takes longer than what it does. What it refuses fails alone. */
  async function applyWaiting(): Promise<void> {
    const taken = [...waiting.values()];
    waiting.clear();
    if (taken.length > 1 && present && !taken.some(isMoved))
      try {
        await run(taken);
        return;
      } catch (error) {
        deps.logger.warn({ error }, 'One of several changes of the packet filter was refused');
      }
    for (const state of taken) await applyOne(state).catch((error: unknown) => failures.set(state, error));
  }

  async function isPresent(): Promise<boolean> {
    const tables = await runTool('nft', ['list', 'tables']);
    const { nat, filter } = tableNames(sovereignId);
    const lines = new Set(tables.split('\n').map((line) => line.trim()));
    return lines.has(`table ip ${nat}`) && lines.has(`table inet ${filter}`);
  }

  return {
    restore: () => serialize('nft', restore),
    verify: () =>
      serialize('nft', async () => {
        if (removed) return false;
        await ensurePoolRoute();
        if (await isPresent()) return false;
        await restore();
        return true;
      }),
    async apply(state) {
      waiting.set(state.environment, state);
      await serialize('nft', applyWaiting);
      if (failures.has(state)) throw failures.get(state);
    },
    applyPod: async (pid, bridge, self) => {
      await allowHairpin(bridge);
      await runTool('nsenter', [`--net=/proc/${pid}/ns/net`, '--', 'nft', '-f', '-'], {
        input: renderPod(sovereignPort, self),
      });
    },
    forget: () => serialize('nft', async () => (removed ? undefined : restore())),
    remove: () =>
      serialize('nft', async () => {
        await nft(renderRemoval(sovereignId));
        applied.clear();
        present = false;
        removed = true;
      }),
  };
}

/**
 * Where the kernel passes bridged frames through the packet filter (`bridge-nf-call-iptables`), a frame that is turned back to its
 * sender leaves by the port it came from, which a bridge refuses unless told.
 */
async function allowHairpin(bridge: string): Promise<void> {
  const folder = `/sys/class/net/${bridge}/brif`;
  const ports = await readdir(folder).catch(() => []);
  // A port that vanishes meanwhile belongs to another Pod.
  await Promise.all(
    ports.map((port) => writeFile(`${folder}/${port}/hairpin_mode`, '1').catch(() => undefined)),
  );
}
