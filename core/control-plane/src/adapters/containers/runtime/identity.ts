import { createHash } from 'node:crypto';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { PodIdentity } from './pod-runtime.ts';

const prefix = 'io.openova.catalyst.';

/** Labels that every engine object of a Sovereign carries; all state of the runtime is found again through them. */
export const labels = {
  sovereign: `${prefix}sovereign`,
  organization: `${prefix}organization`,
  environment: `${prefix}environment`,
  application: `${prefix}application`,
  pod: `${prefix}pod`,
  owner: `${prefix}owner`,
  templateHash: `${prefix}template-hash`,
  /** Name of the container in its Pod; the sandbox has none. */
  container: `${prefix}container`,
  init: `${prefix}init`,
  attempt: `${prefix}attempt`,
  image: `${prefix}image`,
  grace: `${prefix}grace-seconds`,
} as const;

const dnsLabel = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const dnsSubdomain =
  /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/;
const kind = /^[A-Za-z]{1,63}$/;

/** Refuses what is no DNS label; names become folders, labels and names of engine objects. Throws `Invalid`. */
export function checkLabel(what: string, value: string): string {
  if (!dnsLabel.test(value)) throw invalid(`${what} "${shown(value)}" is not a valid name (RFC 1123 label).`);
  return value;
}

/** Refuses what is no DNS subdomain (labels joined by single dots). Throws `Invalid`. */
export function checkSubdomain(what: string, value: string): string {
  if (!dnsSubdomain.test(value))
    throw invalid(`${what} "${shown(value)}" is not a valid name (RFC 1123 subdomain).`);
  return value;
}

/** Checks every part of an identity before it becomes a label, a name or a path. Throws `Invalid`. */
export function checkIdentity(identity: PodIdentity): void {
  checkLabel('Organization', identity.organization);
  checkLabel('Environment', identity.environment);
  checkLabel('Application', identity.application);
  checkLabel('Pod', identity.pod);
  checkSubdomain('Owner', identity.owner.name);
  if (!kind.test(identity.owner.kind))
    throw invalid(`Owner kind "${shown(identity.owner.kind)}" is not valid.`);
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(identity.templateHash))
    throw invalid('The template hash is not valid.');
}

/** An error of the caller's input, with one sentence for people. */
export function invalid(message: string): CatalystError {
  return new CatalystError(codes.Invalid, message);
}

/** A value of a stranger, cut and without control characters, for a message. */
export function shown(value: string): string {
  return Array.from(value.slice(0, 80), (character) => (character < ' ' ? '?' : character)).join('');
}

/** Labels of a Pod's sandbox and, with a container's own labels added, of its containers. */
export function identityLabels(sovereignId: string, identity: PodIdentity): Record<string, string> {
  return {
    [labels.sovereign]: sovereignId,
    [labels.organization]: identity.organization,
    [labels.environment]: identity.environment,
    [labels.application]: identity.application,
    [labels.pod]: identity.pod,
    [labels.owner]: `${identity.owner.kind}/${identity.owner.name}`,
    [labels.templateHash]: identity.templateHash,
  };
}

/** Inverse of `identityLabels`; undefined where labels are missing (an object that is not a Pod's). */
export function identityOfLabels(
  given: Readonly<Record<string, string | undefined>>,
): PodIdentity | undefined {
  const organization = given[labels.organization];
  const environment = given[labels.environment];
  const application = given[labels.application];
  const pod = given[labels.pod];
  const [ownerKind, ownerName] = (given[labels.owner] ?? '').split('/');
  const templateHash = given[labels.templateHash];
  if (!organization || !environment || !application || !pod || !ownerKind || !ownerName || !templateHash)
    return undefined;
  return {
    organization,
    environment,
    application,
    pod,
    owner: { kind: ownerKind, name: ownerName },
    templateHash,
  };
}

/** Engine name of an Environment's network. */
export function networkName(sovereignId: string, environment: string): string {
  return `catalyst-${sovereignId}-${environment}`;
}

/** Host interface of an Environment's network: at most 15 characters, so a hash. */
export function bridgeName(sovereignId: string, environment: string): string {
  return `cat-${createHash('sha256').update(`${sovereignId}/${environment}`).digest('hex').slice(0, 10)}`;
}

/**
 * Engine name of a Pod's sandbox. Underscores between the parts keep names apart: no part can hold one.
 */
export function sandboxName(sovereignId: string, environment: string, pod: string): string {
  return `catalyst-${sovereignId}-${environment}_${pod}`;
}

/** Engine name of one attempt of a container. */
export function containerName(
  sovereignId: string,
  environment: string,
  pod: string,
  container: string,
  attempt: number,
): string {
  return `${sandboxName(sovereignId, environment, pod)}_${container}_${attempt}`;
}
