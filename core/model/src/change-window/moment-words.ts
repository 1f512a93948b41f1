/** One for each time zone: making one takes longer than everything else here. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, made);
  return made;
}

const mostSaid = 1_000;
/** What was said lately: the same few moments of a policy are told for every change that it judges. */
const said = new Map<string, string>();

/** A moment for people in a named time zone: `Tue 24 Nov 14:00 (Asia/Muscat)`. */
export function momentWords(at: number, timeZone: string): string {
  const key = `${at} ${timeZone}`;
  const known = said.get(key);
  if (known !== undefined) return known;
  if (said.size >= mostSaid) said.clear();
  const words = toWords(at, timeZone);
  said.set(key, words);
  return words;
}

function toWords(at: number, timeZone: string): string {
  const parts = formatOf(timeZone).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((entry) => entry.type === type)?.value ?? '';
  return `${part('weekday')} ${part('day')} ${part('month')} ${part('hour')}:${part('minute')} (${timeZone})`;
}
