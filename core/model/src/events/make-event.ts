import type { CloudEvent } from './cloud-event.ts';

/** A CloudEvent of ours. `id` makes a repeat harmless; `timeMs` is milliseconds since the Unix epoch. */
export function makeEvent<Type extends string, Data>(
  type: Type,
  source: string,
  id: string,
  timeMs: number,
  data: Data,
): CloudEvent<Type, Data> {
  return {
    specversion: '1.0',
    id,
    source,
    type,
    time: new Date(timeMs).toISOString(),
    datacontenttype: 'application/json',
    data,
  };
}
