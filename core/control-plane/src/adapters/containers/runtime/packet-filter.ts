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
  states: EnvironmentStates;
  logger: Logger;
}): PacketFilter {
  const { sovereignId, sovereignPort, states } = deps;
  const serialize = createSerialize();
  const applied = new Map<string, EnvironmentState>();
  const waiting = new Map<string, EnvironmentState>();
  let present = false;
  // After `remove`, a check must not bring back what was taken away on purpose.
  let removed = false;
  const nft = (script: string) => runTool('nft', ['-f', '-'], { input: script, timeoutMs: 30_000 });

  /** Takes those off that are applied, unless another state has come for the same Environment. */
  function settle(done: readonly EnvironmentState[]): void {
    for (const state of done) if (waiting.get(state.environment) === state) waiting.delete(state.environment);
  }

  async function restore(): Promise<void> {
    const all = states.all();
    // What waits now is among them: it was on disk before it waited.
    const taken = [...waiting.values()];
    await ensurePoolRoute();
    await nft(renderTables(sovereignId, sovereignPort, all));
    applied.clear();
    settle(taken);
    for (const state of all) applied.set(state.environment, state);
    present = true;
    removed = false;
  }

  /** One run of `nft` for all that waits: starting it takes longer than what it does. */
  async function applyWaiting(): Promise<void> {
    const taken = [...waiting.values()];
    if (taken.length === 0) return;
    const moved = taken.some(({ environment, subnet }) => {
      const before = applied.get(environment);
      return before?.subnet !== undefined && before.subnet !== subnet;
    });
    if (present && !moved) {
      try {
        const render = (state: EnvironmentState) =>
          renderEnvironment(sovereignId, sovereignPort, state, applied.get(state.environment));
        await nft(taken.map(render).join(''));
        for (const state of taken) applied.set(state.environment, state);
        settle(taken);
        return;
      } catch (error) {
        const environments = taken.map(({ environment }) => environment);
        deps.logger.warn({ error, environments }, 'Packet filter out of step; rewriting it');
      }
    }
    await restore();
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
      // What cannot be written fails for who brings it, and not for those who wait with it.
      renderEnvironment(sovereignId, sovereignPort, state);
      waiting.set(state.environment, state);
      await serialize('nft', applyWaiting);
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
