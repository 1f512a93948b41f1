import type { KubernetesObject } from '../kubernetes.ts';
import { asNumber, asString, fieldOf, objectsOf, stringMapOf } from './json-fields.ts';
import type { ResolvedTemplate } from './pod-template.ts';

/** A Service as declared. */
export interface ServiceDefinition {
  readonly name: string;
  readonly headless: boolean;
  readonly publishNotReady: boolean;
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly {
    readonly name?: string;
    readonly port: number;
    readonly protocol: 'tcp' | 'udp';
    /** Number, or name of a container port. */
    readonly target: number | string;
  }[];
}

/** Reads a checked Service object; undefined for other kinds. */
export function toService(object: KubernetesObject): ServiceDefinition | undefined {
  if (object.kind !== 'Service') return undefined;
  const spec = object.spec;
  return {
    name: object.metadata.name,
    headless: fieldOf(spec, 'clusterIP') === 'None',
    publishNotReady: fieldOf(spec, 'publishNotReadyAddresses') === true,
    selector: stringMapOf(fieldOf(spec, 'selector')),
    ports: objectsOf(fieldOf(spec, 'ports')).flatMap((port) => {
      const number = asNumber(port.port);
      if (number === undefined) return [];
      const name = asString(port.name);
      const target = port.targetPort;
      return [
        {
          ...(name ? { name } : {}),
          port: number,
          protocol: asString(port.protocol)?.toUpperCase() === 'UDP' ? ('udp' as const) : ('tcp' as const),
          target:
            typeof target === 'number' || (typeof target === 'string' && target !== '') ? target : number,
        },
      ];
    }),
  };
}

/** True when every label of the selector is on the Pod. */
export function selects(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

/** The port of a Pod that a Service's target means; undefined where no container has that name. */
export function targetPortOf(
  target: number | string,
  template: Pick<ResolvedTemplate, 'care'>,
): number | undefined {
  if (typeof target === 'number') return target;
  if (/^\d{1,5}$/.test(target)) return Number(target);
  return Object.values(template.care)
    .map((care) => care.ports[target])
    .find((port) => port !== undefined);
}

/** One rule of an Ingress, led to a Service by name. */
export interface RouteDefinition {
  readonly ingress: string;
  readonly host: string;
  readonly path: string;
  readonly service: string;
  readonly port: number;
}

/**
 * Routes of the Ingress objects among rendered ones. A rule without host takes every host of the Application; a named port is
 * looked up in its Service; rules whose Service or port does not exist lead nowhere and are left out.
 */
export function routesOf(objects: readonly KubernetesObject[], hosts: readonly string[]): RouteDefinition[] {
  const services = new Map(
    objects.flatMap((object) => {
      const service = toService(object);
      return service ? [[service.name, service] as const] : [];
    }),
  );
  return objects
    .filter((object) => object.kind === 'Ingress')
    .flatMap((object) =>
      objectsOf(fieldOf(object.spec, 'rules')).flatMap((rule) => {
        const host = asString(rule.host);
        return objectsOf(fieldOf(rule, 'http', 'paths')).flatMap((path) => {
          const backend = fieldOf(path, 'backend', 'service');
          const service = services.get(asString(fieldOf(backend, 'name')) ?? '');
          const wanted =
            asNumber(fieldOf(backend, 'port', 'number')) ?? asString(fieldOf(backend, 'port', 'name'));
          const port = service?.ports.find(
            (candidate) => candidate.port === wanted || candidate.name === wanted,
          )?.port;
          if (!service || port === undefined) return [];
          return (host ? [host] : hosts).map((name) => ({
            ingress: object.metadata.name,
            host: name,
            path: asString(path.path) ?? '/',
            service: service.name,
            port,
          }));
        });
      }),
    );
}
