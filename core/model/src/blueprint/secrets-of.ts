import type { Blueprint, BlueprintSecret } from '../resources/blueprint.ts';

const keyName = /^[A-Za-z0-9._-]{1,63}$/;
const maxKeys = 20;

/**
 * The secrets that an Application of a Blueprint needs with a given (merged) configuration: the Blueprint's own, with the keys
 * that `keysFrom` takes from the configuration. Entries of that list without a usable name, and secrets without any key, are left
 * out; of two entries with one name the first counts. `keysFrom` is never in the answer.
 */
export function secretsOf(blueprint: Blueprint, config: unknown): BlueprintSecret[] {
  return (blueprint.spec.secrets ?? []).flatMap((secret) => {
    const keys = new Map(secret.keys.map((key) => [key.name, key]));
    for (const entry of secret.keysFrom === undefined ? [] : entriesAt(config, secret.keysFrom)) {
      const key = toKey(entry);
      if (key !== undefined && !keys.has(key.name) && keys.size < maxKeys) keys.set(key.name, key);
    }
    return keys.size === 0 ? [] : [{ name: secret.name, keys: [...keys.values()] }];
  });
}

function entriesAt(config: unknown, path: string): readonly unknown[] {
  let value = config;
  for (const part of path.split('.')) value = member(value, part);
  return Array.isArray(value) ? value : [];
}

function member(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function toKey(entry: unknown): BlueprintSecret['keys'][number] | undefined {
  const name = member(entry, 'name');
  if (typeof name !== 'string' || !keyName.test(name)) return undefined;
  const length = member(entry, 'length');
  const usable = typeof length === 'number' && Number.isInteger(length) && length >= 8 && length <= 128;
  return { name, generate: { kind: 'password', length: usable ? length : 32 } };
}
