import { encodeSubject } from '../events/subjects.ts';
import type { ObjectKey } from '../kubernetes.ts';

/** API group of the Catalyst kinds. */
export const catalystGroup = 'catalyst.openova.io';
const helmGroup = 'helm.toolkit.fluxcd.io';

/** Everything of one Environment in the read model; ends in `.`. */
export function environmentPrefix(environment: string): string {
  return `${encodeSubject('ws', environment)}.`;
}

/** All Application views of one Environment; ends in `.`. */
export function applicationsPrefix(environment: string): string {
  return `${encodeSubject('ws', environment, catalystGroup, 'Application')}.`;
}

/** The ApplicationView of one Application in one Environment. */
export function applicationKey(environment: string, application: string): string {
  return encodeSubject('ws', environment, catalystGroup, 'Application', application, application);
}

/** The last ReleaseStatus of one Application in one Environment. */
export function releaseKey(environment: string, application: string): string {
  return encodeSubject('ws', environment, helmGroup, 'HelmRelease', application, application);
}

/** An observed runtime object. */
export function objectKey(environment: string, key: ObjectKey): string {
  return encodeSubject('ws', environment, key.group, key.kind, key.namespace, key.name);
}

/** An Organization or Environment resource. */
export function resourceKey(kind: 'Organization' | 'Environment', name: string): string {
  return encodeSubject('sv', catalystGroup, kind, '', name);
}

/** Written last when the read model has been filled in its epoch; its value is `{ epoch }`. Until then what it shows is partial. */
export const filledKey = encodeSubject('sv', 'meta', 'filled');
/** The stream that the entries came from. */
export const streamKey = encodeSubject('sv', 'meta', 'stream');
