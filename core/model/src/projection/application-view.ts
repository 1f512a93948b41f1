import type { ApplicationDeclaration } from '../resources/application.ts';
import type { ApplicationView, PodView } from '../views/application-view.ts';
import { decideState, type StateFacts } from './application-state.ts';
import { describeHold } from './describe-hold.ts';

/** Everything that one card is made of. */
export interface ApplicationParts
  extends Pick<StateFacts, 'release' | 'unobserved' | 'readyRevision' | 'engine'> {
  readonly declaration: ApplicationDeclaration;
  readonly removing: boolean;
  readonly revision: string;
  readonly lastChange?: NonNullable<ApplicationView['lastChange']>;
  readonly pods: readonly PodView[];
  /** Applications of the Environment that are bound to this one. */
  readonly usedBy: readonly string[];
}

const mostInstances = 100;

/** The card of an Application: a pure function of its parts. `url` makes the address of a host. */
export function toApplicationView(parts: ApplicationParts, url: (host: string) => string): ApplicationView {
  const { declaration, release } = parts;
  const { state, why } = decideState({ ...parts, paused: declaration.paused });
  const host = release?.routes[0]?.host;
  return {
    organization: declaration.organization,
    environment: declaration.environment,
    name: declaration.application,
    ...(declaration.displayName === undefined ? {} : { displayName: declaration.displayName }),
    blueprint: { ...declaration.blueprint },
    state,
    ...(why ? { why } : {}),
    paused: declaration.paused,
    ...(declaration.holds?.length
      ? {
          holds: declaration.holds.map((hold) => ({
            reason: hold.reason,
            ...(hold.by === undefined ? {} : { by: hold.by }),
            ...(hold.at === undefined ? {} : { at: hold.at }),
            message: describeHold(hold),
          })),
        }
      : {}),
    pods: { ...(release?.replicas ?? { ready: 0, desired: 0 }) },
    hosts: [...declaration.hosts],
    ...(host === undefined ? {} : { url: url(host) }),
    dependencies: declaration.bindings.map(({ alias, application }) => ({
      alias,
      application,
      blueprint: declaration.requires.find((required) => required.alias === alias)?.blueprint ?? '',
    })),
    usedBy: [...parts.usedBy].sort(),
    revision: parts.revision,
    ...(release?.appliedRevision === undefined ? {} : { appliedRevision: release.appliedRevision }),
    ...(parts.lastChange ? { lastChange: parts.lastChange } : {}),
    instances: parts.pods
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
      .slice(0, mostInstances),
    notEnforced: (release?.inventory ?? [])
      .filter((item) => !item.enforced)
      .map((item) => `${item.kind}/${item.name}`)
      .slice(0, mostInstances),
  };
}
