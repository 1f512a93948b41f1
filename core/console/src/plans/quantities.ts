const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `1.5 GiB`; powers of 1024, at most one digit after the point. */
export function formatBytes(bytes: number): string {
  let value = Math.max(bytes, 0);
  let unit = 0;
  while (value >= 1023.95 && unit < sizes.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(value < 100 ? 1 : 0))} ${sizes[unit]}`;
}

/** `0.25 CPU`; thousandths of a processor in. */
export function formatCpu(millis: number): string {
  return `${Number((millis / 1000).toFixed(2))} CPU`;
}
