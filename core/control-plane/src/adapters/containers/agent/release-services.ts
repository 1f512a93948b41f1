import { type ServiceDefinition, selects, targetPortOf } from '@catalyst/model/workload/services.ts';
import type { PodSpec, ServiceRule } from '../runtime/pod-runtime.ts';
import type { AgentContext } from './agent-context.ts';
import type { PodObservation } from './pod-keeper.ts';
import type { ReleaseDefinition } from './release-definition.ts';
import type { Release } from './release-state.ts';

/** Brings the stable addresses of a release into force: ready Pods are endpoints, Pods on their way out are not. */
export async function applyServices(
  context: AgentContext,
  release: Release,
): Promise<readonly ServiceRule[]> {
  const { environment, application } = release.target;
  const definition = release.definition;
  const pods = context.crew.of(environment, application);
  const rules: ServiceRule[] = [];
  for (const service of definition?.services ?? []) {
    const address = await context.runtime.serviceAddress(environment, application, service.name);
    if (definition) rules.push(toRule(release, definition, service, address, pods));
  }
  // The kernel knows from before a restart which Pods were ready; that stays in force until their probes have answered.
  if (!pods.some((pod) => pod.assumed)) await context.services.set(environment, application, rules);
  return rules;
}

function toRule(
  release: Release,
  definition: ReleaseDefinition,
  service: ServiceDefinition,
  address: string,
  pods: readonly PodObservation[],
): ServiceRule {
  const chosen = pods.flatMap((pod) => {
    const template = pod.template ?? templateOfOwner(definition, pod);
    const serves = pod.ready || (service.publishNotReady && pod.ended === undefined);
    if (!template || !pod.address || pod.terminating || !serves || pod.identity.owner.kind === 'Job')
      return [];
    return selects(service.selector, template.labels) ? [{ pod, template, address: pod.address }] : [];
  });
  return {
    environment: release.target.environment,
    application: release.target.application,
    service: service.name,
    address,
    headless: service.headless,
    ports: service.ports.map(({ port, protocol, target }) => ({
      port,
      protocol,
      endpoints: chosen.flatMap((endpoint) => {
        const targetPort = targetPortOf(target, endpoint.template);
        return targetPort === undefined ? [] : [{ address: endpoint.address, port: targetPort }];
      }),
    })),
    hostNames: chosen
      .filter(({ pod }) =>
        definition.workloads.some(
          ({ workload }) =>
            workload.name === pod.identity.owner.name && workload.serviceName === service.name,
        ),
      )
      .map(({ pod, address: podAddress }) => ({ name: `${pod.name}.${service.name}`, address: podAddress })),
  };
}

function templateOfOwner(definition: ReleaseDefinition, pod: PodObservation) {
  const { kind, name } = pod.identity.owner;
  return definition.workloads.find(({ workload }) => workload.kind === kind && workload.name === name)
    ?.template;
}

/** Hosts under which the Application reaches itself: those of its routes, the shortest path first. */
export async function selfHostsOf(
  context: AgentContext,
  release: Release,
  definition: ReleaseDefinition,
): Promise<PodSpec['selfHosts']> {
  const { environment, application } = release.target;
  const byHost = new Map<string, PodSpec['selfHosts'][number]>();
  for (const route of [...definition.routes].sort((left, right) => left.path.length - right.path.length)) {
    if (byHost.has(route.host)) continue;
    const address = await context.runtime.serviceAddress(environment, application, route.service);
    byHost.set(route.host, { host: route.host, address, port: route.port });
  }
  return [...byHost.values()];
}
