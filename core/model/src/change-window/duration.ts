const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** How durations are written: `30m`, `72h`, `3d`. */
export const durationPattern = '^[1-9][0-9]{0,4}[mhd]$';

const written = new RegExp(durationPattern);

/** Milliseconds of a duration as `72h`; NaN for anything else. */
export function parseDuration(text: string): number {
  const unit = unitMs[text.slice(-1) as keyof typeof unitMs] as number | undefined;
  return written.test(text) && unit !== undefined ? Number(text.slice(0, -1)) * unit : Number.NaN;
}

/** A duration for people, rounded up to its minute: `2 d 4 h`, `35 min`. */
export function durationWords(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / unitMs.m));
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : rest > 0 ? `${days} d ${rest} min` : `${days} d`;
  if (hours > 0) return rest > 0 ? `${hours} h ${rest} min` : `${hours} h`;
  return `${rest} min`;
}
