const twoDigits = (value: number) => String(value).padStart(2, '0');

/** RFC 3339 as a field of the device's clock shows it (`2026-12-20T00:00`); empty for anything else. */
export function toLocalField(text: unknown): string {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) return '';
  const date = new Date(at);
  const day = `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  return `${day}T${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** The same moment with the offset that the device's clock has then; empty where the field is. */
export function fromLocalField(field: string): string {
  const date = new Date(field);
  if (field === '' || Number.isNaN(date.getTime())) return '';
  const ahead = -date.getTimezoneOffset();
  const offset = `${ahead < 0 ? '-' : '+'}${twoDigits(Math.floor(Math.abs(ahead) / 60))}:${twoDigits(Math.abs(ahead) % 60)}`;
  return `${toLocalField(date.toISOString())}:00${offset}`;
}
