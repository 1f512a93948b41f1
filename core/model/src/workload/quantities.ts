const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const pattern =
  /^([+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20}))(?:([eE][+-]?\d{1,2})|(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E))?$/;

/** A Kubernetes quantity (`500m`, `1.5Gi`, `2e3`, 3) as a number in its base unit; undefined for anything else. */
export function parseQuantity(quantity: unknown): number | undefined {
  if (typeof quantity === 'number') return Number.isFinite(quantity) ? quantity : undefined;
  if (typeof quantity !== 'string') return undefined;
  const match = pattern.exec(quantity);
  if (!match) return undefined;
  const value = Number(`${match[1]}${match[2] ?? ''}`) * (suffixes[match[3] ?? ''] ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}

/** A positive amount of processor time in thousandths of a core, rounded up. */
export function parseCpuMillis(quantity: unknown): number | undefined {
  const cores = parseQuantity(quantity);
  return cores !== undefined && cores > 0 ? Math.ceil(Number((cores * 1000).toFixed(3))) : undefined;
}

/** A positive amount of memory or storage in bytes, rounded up. */
export function parseBytes(quantity: unknown): number | undefined {
  const bytes = parseQuantity(quantity);
  return bytes !== undefined && bytes > 0 ? Math.ceil(bytes) : undefined;
}
