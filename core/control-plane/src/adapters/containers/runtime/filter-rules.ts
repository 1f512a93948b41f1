import { isIPv4 } from 'node:net';
import type { EnvironmentState } from './environment-state.ts';
import { invalid } from './identity.ts';
import type { ServiceRule } from './pod-runtime.ts';

/** Where Pods' addresses come from; each Environment has a /24 of it. */
export const podPool = '10.88.0.0/13';
/** Where Services' stable addresses come from. */
export const servicePool = '10.96.0.0/12';

/**
 * What no Pod may reach: Pods of other Environments, loopback, link-local with the metadata address of most clouds, and the
 * metadata addresses of Alibaba, Oracle and Azure.
 */
const refusedToPods = [
  podPool,
  '127.0.0.0/8',
  '169.254.0.0/16',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
];
/** Networks of other containers and virtual machines on this host. */
const foreignBridges = ['docker*', 'br-*', 'podman*', 'cni-*', 'virbr*', 'cat-*'];

const maxServices = 2_000;
const maxPorts = 100;
const maxEndpoints = 1_000;

/** Names of the two tables of a Sovereign. */
export function tableNames(sovereignId: string): { nat: string; filter: string } {
  const id = sovereignId.replaceAll('-', '_');
  return { nat: `catalyst_${id}`, filter: `catalyst_${id}_filter` };
}

/**
 * The whole packet filter of a Sovereign, replacing what is there in one transaction. Chains stand in the table's block because nft
 * sends the elements of a new interval map before chains that are added after it. Pure.
 */
export function renderTables(
  sovereignId: string,
  sovereignPort: number,
  states: readonly EnvironmentState[],
): string {
  const { nat, filter } = tableNames(sovereignId);
  return `add table ip ${nat}
delete table ip ${nat}
add table inet ${filter}
delete table inet ${filter}
table ip ${nat} {
${states.map((state) => `  chain ${chainOf(state)} { }\n`).join('')}  map environments { type ipv4_addr : verdict; flags interval; }
  map services { type ipv4_addr : verdict; }
  chain prerouting {
    type nat hook prerouting priority dstnat - 5; policy accept;
    ip daddr ${servicePool} ip saddr vmap @environments
  }
  chain output {
    type nat hook output priority -105; policy accept;
    ip daddr vmap @services
  }
  chain postrouting {
    type nat hook postrouting priority srcnat - 5; policy accept;
    ct status dnat ct original ip daddr ${servicePool} masquerade
  }
}
table inet ${filter} {
  set subnets { type ipv4_addr; flags interval; }
  set own { type ipv4_addr . ipv4_addr; flags interval; }
  set bridges { type ifname; }
  set services { type ipv4_addr; }
  chain forward {
    type filter hook forward priority filter - 10; policy accept;
    ct state established,related accept
    iifname @bridges jump pods
    ip daddr @subnets jump refuse
  }
  chain pods {
    meta nfproto ipv6 drop
    ip saddr != @subnets drop
    fib saddr . iif oif missing drop
    ip saddr . ip daddr @own accept
    ip daddr { ${[servicePool, ...refusedToPods].join(', ')} } jump refuse
    ct status dnat jump refuse
${foreignBridges.map((name) => `    oifname "${name}" jump refuse`).join('\n')}
    accept
  }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname @bridges jump host
  }
  chain host {
    ct state established,related accept
    meta nfproto ipv6 drop
    ip daddr @subnets udp dport 53 accept
    ip daddr @subnets tcp dport 53 accept
    jump refuse
  }
  chain output {
    type filter hook output priority filter - 10; policy accept;
    ip daddr @services jump refuse
  }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject with icmpx admin-prohibited
  }
}
${states.map((state) => renderEnvironment(sovereignId, sovereignPort, state)).join('')}`;
}

/** Removes both tables; harmless where they are not. */
export function renderRemoval(sovereignId: string): string {
  const { nat, filter } = tableNames(sovereignId);
  return `add table ip ${nat}
delete table ip ${nat}
add table inet ${filter}
delete table inet ${filter}
`;
}

/**
 * Replaces the rules of one Environment in one transaction: connections that exist keep their endpoint. `before` is the state
 * applied last, for addresses that are gone. Throws `Invalid` for anything that is not an address or a port. Pure.
 */
export function renderEnvironment(
  sovereignId: string,
  sovereignPort: number,
  state: EnvironmentState,
  before?: EnvironmentState,
): string {
  const { nat, filter } = tableNames(sovereignId);
  const chain = chainOf(state);
  checkSizes(state.rules);
  const lines = [`add chain ip ${nat} ${chain}`, `flush chain ip ${nat} ${chain}`];
  for (const rule of state.rules)
    for (const port of portsOf(rule, state, sovereignPort))
      if (port.endpoints.length > 0) lines.push(`add rule ip ${nat} ${chain} ${dnat(rule.address, port)}`);
  const present = addressesOf(state);
  const gone = before ? [...addressesOf(before)].filter((address) => !present.has(address)) : [];
  for (const address of gone) {
    lines.push(`delete element ip ${nat} services { ${address} }`);
    lines.push(`delete element inet ${filter} services { ${address} }`);
  }
  if (present.size > 0) {
    const list = [...present];
    lines.push(`add element ip ${nat} services { ${list.map((at) => `${at} : goto ${chain}`).join(', ')} }`);
    lines.push(`add element inet ${filter} services { ${list.join(', ')} }`);
  }
  if (state.subnet && state.bridge && !(before?.subnet === state.subnet && before.bridge === state.bridge)) {
    const subnet = checkSubnet(state.subnet);
    lines.push(`add element ip ${nat} environments { ${subnet} : goto ${chain} }`);
    lines.push(`add element inet ${filter} subnets { ${subnet} }`);
    lines.push(`add element inet ${filter} own { ${subnet} . ${subnet} }`);
    lines.push(`add element inet ${filter} bridges { "${checkInterface(state.bridge)}" }`);
  }
  return `${lines.join('\n')}\n`;
}

/** Rules inside of a Pod: no IPv6, and the Sovereign's port on loopback leads to the Application's own Service. Pure. */
export function renderPod(
  sovereignPort: number,
  self: { address: string; port: number } | undefined,
): string {
  const nat = self
    ? `table ip catalyst {
  chain output {
    type nat hook output priority -100; policy accept;
    ip daddr 127.0.0.0/8 tcp dport ${checkPort(sovereignPort)} dnat to ${checkAddress(self.address)}:${checkPort(self.port)}
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    ip saddr 127.0.0.0/8 oifname != "lo" masquerade
  }
}
`
    : '';
  return `add table ip catalyst
delete table ip catalyst
add table inet catalyst_pod
delete table inet catalyst_pod
${nat}table inet catalyst_pod {
  chain output {
    type filter hook output priority filter; policy accept;
    meta nfproto ipv6 oifname != "lo" drop
  }
  chain input {
    type filter hook input priority filter; policy accept;
    meta nfproto ipv6 iifname != "lo" drop
  }
}
`;
}

function chainOf(state: EnvironmentState): string {
  return `env_${state.environment.replaceAll('-', '_')}`;
}

type Port = ServiceRule['ports'][number];

/** A Service's ports, and the Sovereign's port where the Application reaches itself through this Service. */
function portsOf(rule: ServiceRule, state: EnvironmentState, sovereignPort: number): readonly Port[] {
  const self = (state.selfHosts[rule.application] ?? []).find((host) => host.address === rule.address);
  const target = rule.ports.find((port) => port.port === self?.port && port.protocol === 'tcp');
  const taken = rule.ports.some((port) => port.port === sovereignPort && port.protocol === 'tcp');
  return target && !taken ? [...rule.ports, { ...target, port: sovereignPort }] : rule.ports;
}

function dnat(address: string, port: Port): string {
  const targets = port.endpoints.map(
    (endpoint) => [checkAddress(endpoint.address), checkPort(endpoint.port)] as const,
  );
  const match = `ip daddr ${checkAddress(address)} ${port.protocol === 'udp' ? 'udp' : 'tcp'} dport ${checkPort(port.port)}`;
  const [only, ...others] = targets;
  if (only && others.length === 0) return `${match} dnat to ${only[0]}:${only[1]}`;
  const map = targets.map(([at, to], index) => `${index} : ${at} . ${to}`).join(', ');
  return `${match} dnat ip to numgen random mod ${targets.length} map { ${map} }`;
}

function addressesOf(state: EnvironmentState): Set<string> {
  return new Set(state.rules.filter((rule) => !rule.headless).map((rule) => checkAddress(rule.address)));
}

function checkSizes(rules: readonly ServiceRule[]): void {
  const tooLarge =
    rules.length > maxServices ||
    rules.some(
      (rule) =>
        rule.ports.length > maxPorts || rule.ports.some((port) => port.endpoints.length > maxEndpoints),
    );
  if (tooLarge)
    throw invalid(
      `An Environment has at most ${maxServices} Services with ${maxPorts} ports and ${maxEndpoints} endpoints each.`,
    );
}

function checkAddress(address: string): string {
  if (!isIPv4(address)) throw invalid(`"${address.slice(0, 40)}" is not an IPv4 address.`);
  return address;
}

function checkPort(port: number): number {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid(`${port} is not a port.`);
  return port;
}

function checkSubnet(subnet: string): string {
  const [address = '', bits = ''] = subnet.split('/');
  if (!/^(?:[89]|[12][0-9]|3[0-2])$/.test(bits)) throw invalid(`"${subnet.slice(0, 40)}" is not a subnet.`);
  return `${checkAddress(address)}/${bits}`;
}

function checkInterface(name: string): string {
  if (!/^[a-z0-9.-]{1,15}$/.test(name)) throw invalid('The name of a network interface is not valid.');
  return name;
}
