import type { KubernetesObject } from '../kubernetes.ts';
import { asArray, asObject, asString, fieldOf, objectsOf, stringMapOf } from './json-fields.ts';

/** Where the values of one key of a Secret come from. */
export interface SecretImport {
  readonly target: string;
  /** All keys of a path. */
  readonly extract: readonly string[];
  /** One key of a path each. */
  readonly data: readonly { readonly secretKey: string; readonly key: string; readonly property: string }[];
}

/** Reads an ExternalSecret; undefined for other kinds. */
export function toSecretImport(object: KubernetesObject): SecretImport | undefined {
  if (object.kind !== 'ExternalSecret') return undefined;
  const spec = object.spec;
  return {
    target: asString(fieldOf(spec, 'target', 'name')) ?? object.metadata.name,
    extract: objectsOf(fieldOf(spec, 'dataFrom')).flatMap(
      (from) => asString(fieldOf(from, 'extract', 'key')) ?? [],
    ),
    data: objectsOf(fieldOf(spec, 'data')).flatMap((item) => {
      const secretKey = asString(item.secretKey);
      const key = asString(fieldOf(item, 'remoteRef', 'key'));
      return secretKey && key
        ? [{ secretKey, key, property: asString(fieldOf(item, 'remoteRef', 'property')) ?? secretKey }]
        : [];
    }),
  };
}

/** Text of a ConfigMap or Secret object by key, decoded. */
export function contentOf(object: KubernetesObject): Readonly<Record<string, string>> {
  const decode = (field: string) =>
    Object.fromEntries(
      Object.entries(stringMapOf(object[field])).map(([key, value]) => [
        key,
        new TextDecoder().decode(Uint8Array.from(atob(value), (char) => char.charCodeAt(0))),
      ]),
    );
  if (object.kind === 'Secret') return { ...decode('data'), ...stringMapOf(object.stringData) };
  return { ...stringMapOf(object.data), ...decode('binaryData') };
}

/**
 * An object without the contents of a Secret: its keys stay, its values go. Annotations that repeat it go too. `seal` may put
 * something in place of a value that tells equal ones from others and nothing else (base64).
 */
export function withoutSecrets(
  object: KubernetesObject,
  seal: (value: string) => string = () => '',
): KubernetesObject {
  if (object.kind !== 'Secret') return object;
  const { data = {}, stringData = {} } = {
    data: asObject(object.data),
    stringData: asObject(object.stringData),
  };
  const contents = [
    ...Object.entries(data).map(([key, value]) => [key, seal(`data ${String(value)}`)] as const),
    ...Object.entries(stringData).map(([key, value]) => [key, seal(`text ${String(value)}`)] as const),
  ];
  const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...annotations } = stringMapOf(
    object.metadata.annotations,
  );
  const { annotations: _all, ...metadata } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      ...metadata,
      name: object.metadata.name,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    ...(typeof object.type === 'string' ? { type: object.type } : {}),
    data: Object.fromEntries(contents),
  };
}

/** Claim names that a Pod template mounts. */
export function claimsOf(template: unknown): string[] {
  return asArray(fieldOf(template, 'spec', 'volumes')).flatMap(
    (volume) => asString(fieldOf(volume, 'persistentVolumeClaim', 'claimName')) ?? [],
  );
}
