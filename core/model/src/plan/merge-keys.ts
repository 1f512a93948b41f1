import type { Json, JsonObject } from '../kubernetes.ts';
import { asObject, fieldOf } from '../workload/json-fields.ts';

/** Kubernetes' merge keys by the name of the list; the first that tells all items apart is taken. */
const keysOfList: Readonly<Record<string, readonly string[]>> = {
  ports: ['containerPort', 'port', 'name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey'],
  conditions: ['type'],
  items: ['key'],
  data: ['secretKey'],
  rules: ['host'],
  paths: ['path'],
  tls: ['secretName'],
  volumeClaimTemplates: ['metadata.name'],
};
const anyList = ['name'];

/** Text that tells an item of a list from the others. */
export function itemKey(item: Json, key: string): string | undefined {
  const value = fieldOf(item, ...key.split('.'));
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined;
}

function areTold(items: readonly Json[], key: string): boolean {
  const seen = new Set<string>();
  for (const item of items) {
    const value = asObject(item) === undefined ? undefined : itemKey(item, key);
    if (value === undefined || seen.has(value)) return false;
    seen.add(value);
  }
  return true;
}

/** The key by which the items of all these versions of one list are told apart; undefined: by position alone. */
export function mergeKeyOf(list: string, ...versions: readonly (readonly Json[])[]): string | undefined {
  if (versions.every((items) => items.length === 0)) return undefined;
  const candidates = Object.hasOwn(keysOfList, list) ? (keysOfList[list] ?? anyList) : anyList;
  return candidates.find((key) => versions.every((items) => areTold(items, key)));
}

/** Items of a list by their key, in their order. */
export function byKey(items: readonly Json[], key: string): Map<string, JsonObject> {
  return new Map(items.map((item) => [itemKey(item, key) ?? '', asObject(item) ?? {}]));
}
