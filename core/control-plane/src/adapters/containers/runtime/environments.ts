import type { EnvironmentState, EnvironmentStates } from './environment-state.ts';
import type { HostsFiles } from './hosts-files.ts';
import { checkLabel, checkSubdomain, invalid } from './identity.ts';
import type { Network, Networks } from './networks.ts';
import type { PacketFilter } from './packet-filter.ts';
import type { PodSpec, ServiceRule } from './pod-runtime.ts';
import { createSerialize } from './serialize.ts';
import { chooseAddress } from './service-addresses.ts';

/** Network, Service addresses, packet filter and name files of each Environment, kept in step. */
export interface Environments {
  /** The network, made where it is missing. */
  network(environment: string): Promise<Network>;
  setServices(environment: string, rules: readonly ServiceRule[]): Promise<void>;
  serviceAddress(environment: string, application: string, service: string): Promise<string>;
  /** Gives the Application of a new Pod the way to itself. */
  addPod(spec: PodSpec): Promise<void>;
  /** Gives a new Pod its names. */
  namePod(spec: PodSpec, address: string): Promise<void>;
  remove(environment: string): Promise<void>;
  /** Looks at the engine again: what it had may be gone. */
  forgetEngine(): void;
}

/** Changes one Environment at a time: on disk first, then in the kernel, then in the name files. */
export function createEnvironments(deps: {
  sovereignId: string;
  states: EnvironmentStates;
  networks: Networks;
  filter: PacketFilter;
  hosts: HostsFiles;
}): Environments {
  const { states, filter, hosts } = deps;
  const serialize = createSerialize();
  const knownNetworks = new Map<string, Promise<Network>>();
  const unapplied = new Set<string>();

  function update(environment: string, change: (state: EnvironmentState) => EnvironmentState): Promise<void> {
    return serialize(environment, async () => {
      const before = states.get(environment);
      const after = change(before);
      const same = JSON.stringify(before) === JSON.stringify(after);
      if (same && !unapplied.has(environment)) return;
      unapplied.add(environment);
      if (!same) await states.put(after);
      await filter.apply(after);
      await hosts.update(after);
      unapplied.delete(environment);
    });
  }

  async function makeNetwork(environment: string): Promise<Network> {
    const found = await deps.networks.ensure(environment);
    await update(environment, (state) => ({ ...state, subnet: found.subnet, bridge: found.bridge }));
    return found;
  }

  async function allocate(environment: string, application: string, service: string): Promise<string> {
    const state = states.get(environment);
    const name = `${application}/${service}`;
    const known = state.addresses[name];
    if (known) return known;
    const taken = new Set(states.all().flatMap((other) => Object.values(other.addresses)));
    const address = chooseAddress([deps.sovereignId, environment, application, service], taken);
    await states.put({ ...state, addresses: { ...state.addresses, [name]: address } });
    return address;
  }

  return {
    network: (environment) => {
      const known = knownNetworks.get(environment);
      if (known) return known;
      const made = makeNetwork(environment);
      knownNetworks.set(environment, made);
      made.catch(() => knownNetworks.delete(environment));
      return made;
    },
    setServices: async (environment, rules) => {
      checkRules(environment, rules);
      await update(environment, (state) => ({ ...state, rules }));
    },
    serviceAddress: async (environment, application, service) => {
      checkLabel('Environment', environment);
      checkLabel('Application', application);
      checkSubdomain('Service', service);
      // One allocation at a time in all Environments, and no other change of this one meanwhile.
      return serialize('addresses/', () =>
        serialize(environment, () => allocate(environment, application, service)),
      );
    },
    addPod: ({ identity: { environment, application }, selfHosts }) =>
      update(environment, (state) => ({
        ...state,
        selfHosts: { ...state.selfHosts, [application]: selfHosts },
      })),
    namePod: async ({ identity, hostname }, address) => {
      const { environment, application, pod } = identity;
      await serialize(environment, () =>
        hosts.create({ application, pod, hostname, address }, states.get(environment)),
      );
    },
    remove: async (environment) => {
      checkLabel('Environment', environment);
      await deps.networks.remove(environment);
      knownNetworks.delete(environment);
      await serialize(environment, async () => {
        await states.remove(environment);
        await filter.forget();
        await hosts.removeEnvironment(environment);
      });
    },
    forgetEngine: () => knownNetworks.clear(),
  };
}

function checkRules(environment: string, rules: readonly ServiceRule[]): void {
  checkLabel('Environment', environment);
  for (const rule of rules) {
    if (rule.environment !== environment) throw invalid('A Service of another Environment was given.');
    checkLabel('Application', rule.application);
    checkSubdomain('Service', rule.service);
    for (const { name } of rule.hostNames) checkSubdomain('Host name', name);
  }
}
