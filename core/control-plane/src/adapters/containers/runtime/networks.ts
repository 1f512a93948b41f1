import { createHash } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { Engine } from './engine.ts';
import { createEngineNetworks, type EngineNetworks } from './engine-networks.ts';
import { bridgeName, labels, networkName } from './identity.ts';
import { runTool } from './run-tool.ts';
import { createSerialize } from './serialize.ts';

/** An Environment's network as the engine has it. */
export interface Network {
  readonly subnet: string;
  readonly bridge: string;
}

/** One isolated bridge network per Environment. */
export interface Networks {
  /** Makes it where it is missing. */
  ensure(environment: string): Promise<Network>;
  remove(environment: string): Promise<void>;
}

const poolStart = ipNumber('10.88.0.0');
const poolCount = 2048;
const attempts = 8;

/** Networks with a /24 each, chosen so that it meets no route or network of this host. */
export function createNetworks(deps: { engine: Engine; sovereignId: string }): Networks {
  const { engine, sovereignId } = deps;
  const existing = createEngineNetworks(engine);
  const serialize = createSerialize();

  async function find(name: string): Promise<Network | undefined> {
    const subnet = await existing.subnetOf(name);
    return subnet ? { subnet, bridge: '' } : undefined;
  }

  async function create(environment: string): Promise<Network> {
    const name = networkName(sovereignId, environment);
    const bridge = bridgeName(sovereignId, environment);
    const found = await find(name);
    if (found) return { ...found, bridge };
    const taken = await takenRanges(existing);
    let failure: unknown;
    for (const subnet of freeSubnets(`${sovereignId}/${environment}`, taken, attempts)) {
      try {
        await engine.call('create a network', 30_000, (docker) =>
          docker.createNetwork({
            Name: name,
            Driver: 'bridge',
            CheckDuplicate: true,
            IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
            Options: { 'com.docker.network.bridge.name': bridge, isolate: 'true' },
            Labels: { [labels.sovereign]: sovereignId, [labels.environment]: environment },
          }),
        );
        return { subnet, bridge };
      } catch (error) {
        if (error instanceof CatalystError && error.code === codes.Unavailable) throw error;
        // Somebody else took the range between the look and the creation.
        failure = error;
        const again = await find(name);
        if (again) return { ...again, bridge };
      }
    }
    throw new CatalystError(
      codes.Unavailable,
      `No network for ${environment}: no free /24 in 10.88.0.0/13 could be used. Remove networks that are not needed.`,
      { cause: failure, retry: 'later' },
    );
  }

  return {
    ensure: (environment) => serialize('create', () => create(environment)),
    remove: async (environment) => {
      try {
        await engine.call('remove a network', 30_000, (docker) =>
          docker.getNetwork(networkName(sovereignId, environment)).remove(),
        );
      } catch (error) {
        if (!(error instanceof CatalystError) || error.code !== codes.NotFound) throw error;
      }
    },
  };
}

/** A range of addresses, both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The range of `10.1.0.0/16` or of a single address; undefined for anything else. */
export function rangeOf(text: string): Range | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,3}){3})(?:\/(\d{1,2}))?$/.exec(text);
  if (!match?.[1]) return undefined;
  const size = 2 ** (32 - Number(match[2] ?? 32));
  const from = Math.floor(ipNumber(match[1]) / size) * size;
  return { from, to: from + size - 1 };
}

/** Up to `count` /24 networks of the pool that meet no taken range, in an order of their own for each `seed`. Pure. */
export function freeSubnets(seed: string, taken: readonly Range[], count: number): string[] {
  const start = createHash('sha256').update(seed).digest().readUInt32BE(0) % poolCount;
  // A route that covers the whole pool (a VPN for 10.0.0.0/8) is less exact than ours and does not hinder.
  const exact = taken.filter((range) => range.to - range.from + 1 < poolCount * 256);
  const found: string[] = [];
  for (let step = 0; step < poolCount && found.length < count; step++) {
    const from = poolStart + ((start + step) % poolCount) * 256;
    if (!exact.some((range) => range.from <= from + 255 && range.to >= from))
      found.push(`${ipText(from)}/24`);
  }
  return found;
}

async function takenRanges(existing: EngineNetworks): Promise<Range[]> {
  const ofEngine = await existing.subnets();
  const ofHost = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map((address) => address.cidr ?? ''),
  );
  const routes = await runTool('ip', ['-4', 'route', 'show', 'table', 'all']).catch(() => '');
  const ofRoutes = routes.split('\n').map((line) => line.replace(/^[a-z]+ /, '').split(' ')[0] ?? '');
  return [...ofEngine, ...ofHost, ...ofRoutes].flatMap((text) => rangeOf(text) ?? []);
}

/** An IPv4 address as a number. */
export function ipNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Inverse of `ipNumber`. */
export function ipText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
