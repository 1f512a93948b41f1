import { request } from 'node:http';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { Engine } from './engine.ts';

/** Reads networks from the engine. */
export interface EngineNetworks {
  /** Subnets of all networks, also of those that are not ours. */
  subnets(): Promise<string[]>;
  /** First subnet of one network; undefined when there is no such network. */
  subnetOf(name: string): Promise<string | undefined>;
}

const withinMs = 15_000;
const answerLimitBytes = 16 * 1024 * 1024;

/**
 * Podman answers the Docker call for networks by inspecting every container once for every network: minutes where there are many of
 * both. Its own call reads the networks alone, so that is the one it is asked.
 */
export function createEngineNetworks(engine: Engine): EngineNetworks {
  async function ofPodman<T>(
    what: string,
    path: string,
    read: (answer: unknown) => T | undefined,
  ): Promise<T | undefined> {
    if ((await engine.info()).kind !== 'podman') return undefined;
    try {
      return read(
        await engine.call(what, withinMs, (_, signal) => ask(engine.socketPath(), libpod + path, signal)),
      );
    } catch (error) {
      // A Podman before 4 does not know this version of the call.
      if (error instanceof CatalystError && error.code === 'EngineFailed') return undefined;
      throw error;
    }
  }

  return {
    subnets: async () => {
      const found = await ofPodman('list networks', '/json', subnetsOfAll);
      if (found) return found;
      const networks = await engine.call('list networks', withinMs, (docker) => docker.listNetworks());
      return networks.flatMap((network) =>
        (network.IPAM?.Config ?? []).flatMap((config) => config.Subnet ?? []),
      );
    },
    subnetOf: async (name) => {
      try {
        const found = await ofPodman(
          'look at a network',
          `/${encodeURIComponent(name)}/json`,
          (answer) => subnetsOfOne(answer)[0],
        );
        if (found) return found;
        const network = (await engine.call('look at a network', withinMs, (docker) =>
          docker.getNetwork(name).inspect(),
        )) as { IPAM?: { Config?: { Subnet?: string }[] } };
        return network.IPAM?.Config?.[0]?.Subnet;
      } catch (error) {
        if (error instanceof CatalystError && error.code === codes.NotFound) return undefined;
        throw error;
      }
    },
  };
}

const libpod = '/v4.0.0/libpod/networks';

function subnetsOfAll(answer: unknown): string[] | undefined {
  return Array.isArray(answer) ? answer.flatMap(subnetsOfOne) : undefined;
}

function subnetsOfOne(answer: unknown): string[] {
  const { subnets } = (answer ?? {}) as { subnets?: { subnet?: unknown }[] | null };
  return (subnets ?? []).flatMap(({ subnet }) => (typeof subnet === 'string' ? subnet : []));
}

/** One GET, read as JSON; fails as the client of the Docker API does, so that errors are told alike. */
function ask(socketPath: string, path: string, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, signal, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > answerLimitBytes) response.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const json = parse(Buffer.concat(chunks).toString('utf8'));
        if (response.statusCode === 200) resolve(json);
        else
          reject(
            Object.assign(new Error('the engine refused'), { statusCode: response.statusCode ?? 0, json }),
          );
      });
    });
    call.on('error', reject);
    call.end();
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
