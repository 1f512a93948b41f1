/**
 * What an address may be used for. `public`: anybody's. `private`: loopback, private, shared (CGNAT), unique local, and IPv4 addresses
 * written as IPv6: only where the Sovereign allows it. `forbidden`: never, because it is no host (unspecified, multicast, broadcast,
 * reserved, documentation, transition) or tells secrets of the machine (link-local and the metadata services of clouds).
 */
export type AddressClass = 'public' | 'private' | 'forbidden';

type Range = readonly [base: string, bits: number];

/** IANA special-purpose registry, and the metadata addresses that lie in public or private ranges. */
const forbiddenV4: readonly Range[] = [
  ['0.0.0.0', 8],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
const privateV4: readonly Range[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
];
const forbiddenV6: readonly Range[] = [
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
];
const privateV6: readonly Range[] = [
  ['::1', 128],
  ['fc00::', 7],
];
/** Parts of 2000::/3, the only range of public addresses, that are none. */
const specialV6: readonly Range[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** Class of an IPv4 or IPv6 address in text; what is no address is `forbidden`. A zone (`%eth0`) makes none. */
export function classifyAddress(address: string): AddressClass {
  const v4 = parseV4(address);
  if (v4 !== undefined) return classifyV4(v4);
  const v6 = parseV6(address);
  if (v6 === undefined) return 'forbidden';
  if (v6 >> 32n === 0xffffn) return classifyV4(v6 & 0xffff_ffffn) === 'forbidden' ? 'forbidden' : 'private';
  if (isIn(v6, forbiddenV6, 128)) return 'forbidden';
  if (isIn(v6, privateV6, 128)) return 'private';
  return v6 >> 125n === 1n && !isIn(v6, specialV6, 128) ? 'public' : 'forbidden';
}

function classifyV4(address: bigint): AddressClass {
  if (isIn(address, forbiddenV4, 32)) return 'forbidden';
  return isIn(address, privateV4, 32) ? 'private' : 'public';
}

function isIn(address: bigint, ranges: readonly Range[], width: number): boolean {
  return ranges.some(([base, bits]) => {
    const first = width === 32 ? parseV4(base) : parseV6(base);
    const shift = BigInt(width - bits);
    return first !== undefined && address >> shift === first >> shift;
  });
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  if (text.length > 45 || !/^[0-9a-f:.]+$/i.test(text)) return undefined;
  const last = text.slice(text.lastIndexOf(':') + 1);
  let plain = text;
  if (last.includes('.')) {
    const v4 = parseV4(last);
    if (v4 === undefined) return undefined;
    const tail = `${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
    plain = text.slice(0, text.length - last.length) + tail;
  }
  const halves = plain.split('::');
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const [head, tail] = groups;
  if (!head || halves.length > 2 || groups.flat().some((group) => !/^[0-9a-f]{1,4}$/i.test(group)))
    return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [
    ...head,
    ...Array.from({ length: tail === undefined ? 0 : missing }, () => '0'),
    ...(tail ?? []),
  ];
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
