import { asNumber, asString, fieldOf } from '../workload/json-fields.ts';
import { type Check, type Criterion, checked, listNames } from './criterion.ts';
import { sources } from './sources.ts';
import type { ContainerSubject, WorkloadSubject } from './workload-subjects.ts';

const noContainers = 'It has no containers.';

/** Asks each container of a workload the same questions; `missing` are the answers that it lacks. */
function checkContainers(
  workload: WorkloadSubject,
  of: number,
  missing: (container: ContainerSubject) => readonly string[],
  words: (names: string, missing: string) => string,
): Check {
  const lacking = workload.containers
    .map((container) => ({ name: container.name, missing: missing(container) }))
    .filter((container) => container.missing.length > 0);
  const total = workload.containers.length * of;
  const lost = lacking.reduce((sum, container) => sum + container.missing.length, 0);
  const names = `the ${lacking.length === 1 ? 'container' : 'containers'} ${listNames(lacking.map(({ name }) => name))}`;
  const what = listNames([...new Set(lacking.flatMap((container) => container.missing))].sort());
  return {
    object: workload.title,
    workload: workload.name,
    passed: total - lost,
    of: total,
    ...(lost === 0 ? {} : { reason: `${workload.title}: ${words(names, what)}.` }),
  };
}

const limited = ['cpu', 'memory'] as const;
const wordOf = { cpu: 'CPU', memory: 'memory' } as const;
const isSet = (value: unknown) => value !== undefined && value !== null && value !== '';

function missingLimits({ spec }: ContainerSubject): string[] {
  return limited
    .filter((resource) => !isSet(fieldOf(spec, 'resources', 'limits', resource)))
    .map((resource) => wordOf[resource]);
}

/** Where there is a limit and no request, Kubernetes takes the limit as request. */
function missingRequests({ spec }: ContainerSubject): string[] {
  return limited
    .filter(
      (resource) =>
        !isSet(fieldOf(spec, 'resources', 'requests', resource)) &&
        !isSet(fieldOf(spec, 'resources', 'limits', resource)),
    )
    .map((resource) => wordOf[resource]);
}

/** What the container says goes before what its Pod says. */
function securityOf(workload: WorkloadSubject, { spec }: ContainerSubject, field: string) {
  return fieldOf(spec, 'securityContext', field) ?? fieldOf(workload.podSpec, 'securityContext', field);
}

function isNotRoot(workload: WorkloadSubject, container: ContainerSubject): boolean {
  const user = asNumber(securityOf(workload, container, 'runAsUser'));
  if (user !== undefined) return user > 0;
  return securityOf(workload, container, 'runAsNonRoot') === true;
}

function privilegesOf(workload: WorkloadSubject, { spec }: ContainerSubject): string[] {
  const own = (field: string) => fieldOf(spec, 'securityContext', field);
  const host = ['hostNetwork', 'hostPID', 'hostIPC'].filter(
    (field) => fieldOf(workload.podSpec, field) === true,
  );
  if (own('privileged') === true) return ['privileged'];
  if (host.length > 0) return host.slice(0, 1);
  return own('allowPrivilegeEscalation') === false ? [] : ['allowPrivilegeEscalation'];
}

/** What an image's name leaves open: its digest, and with `latest` or nothing even its version. */
function looseness(image: string): string[] {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return [];
  const tag = /:([^/:@]+)$/.exec(image.replace(/@.*$/, ''))?.[1];
  return tag === undefined || tag === 'latest' ? ['digest', 'version'] : ['digest'];
}

function checkImages(workload: WorkloadSubject): Check {
  const imageOf = ({ spec }: ContainerSubject) => asString(spec.image) ?? '';
  const loose = [...new Set(workload.containers.map(imageOf))].filter((image) => looseness(image).length > 0);
  const moving = loose.filter((image) => looseness(image).length > 1);
  const check = checkContainers(
    workload,
    2,
    (container) => looseness(imageOf(container)),
    () =>
      moving.length > 0
        ? `${listNames(moving)} can be another image at every start`
        : `${listNames(loose)} is named by a tag, which can be moved to another image`,
  );
  return check.reason === undefined
    ? check
    : {
        ...check,
        remedy: `Name ${loose.length === 1 ? `the image of ${workload.title}` : `the images of ${workload.title}`} by digest, as image:tag@sha256:…`,
      };
}

/** What each container may use and do, and what it is. */
export const containerCriteria: readonly Criterion[] = [
  {
    id: 'limits',
    weight: 10,
    title: 'CPU and memory limits',
    applies: 'containers',
    rule: 'Each has a limit for CPU and one for memory.',
    sources: [sources.resources],
    fix: {
      remedy: 'Set CPU and memory limits on {object}',
      way: 'settings',
      settings: ['resources.limits.cpu', 'resources.limits.memory', 'resources.cpu', 'resources.memory'],
    },
    judge: ({ workloads }) =>
      checked(
        workloads.map((workload) =>
          checkContainers(
            workload,
            2,
            missingLimits,
            (names, what) => `${names} may use any amount of ${what}`,
          ),
        ),
        noContainers,
      ),
  },
  {
    id: 'requests',
    weight: 6,
    title: 'CPU and memory requests',
    applies: 'containers',
    rule: 'Each requests CPU and memory, or has a limit that stands for the request.',
    sources: [sources.resources],
    fix: {
      remedy: 'Request CPU and memory for {object}',
      way: 'settings',
      settings: ['resources.requests.cpu', 'resources.requests.memory', 'resources.cpu', 'resources.memory'],
    },
    judge: ({ workloads }) =>
      checked(
        workloads.map((workload) =>
          checkContainers(
            workload,
            2,
            missingRequests,
            (names, what) => `no ${what} is kept free for ${names}`,
          ),
        ),
        noContainers,
      ),
  },
  {
    id: 'non-root',
    weight: 8,
    title: 'Not root',
    applies: 'containers',
    rule: '`runAsNonRoot` is true or `runAsUser` is above 0, on the container or its Pod.',
    sources: [sources.podSecurity],
    fix: {
      remedy: 'Set runAsNonRoot on {object}',
      way: 'settings',
      settings: ['securityContext.runAsNonRoot', 'securityContext.runAsUser', 'runAsNonRoot', 'runAsUser'],
    },
    judge: ({ workloads }) =>
      checked(
        workloads.map((workload) =>
          checkContainers(
            workload,
            1,
            (container) => (isNotRoot(workload, container) ? [] : ['user']),
            (names) => `nothing keeps ${names} from running as root`,
          ),
        ),
        noContainers,
      ),
  },
  {
    id: 'read-only-root',
    weight: 6,
    title: 'Read-only root file system',
    applies: 'containers',
    rule: '`readOnlyRootFilesystem` is true; what is written goes to volumes.',
    sources: [sources.securityChecklist, sources.disposability],
    fix: {
      remedy: 'Set readOnlyRootFilesystem on {object} and mount a volume where it writes',
      way: 'settings',
      settings: ['securityContext.readOnlyRootFilesystem', 'readOnlyRootFilesystem'],
    },
    judge: ({ workloads }) =>
      checked(
        workloads.map((workload) =>
          checkContainers(
            workload,
            1,
            ({ spec }) =>
              fieldOf(spec, 'securityContext', 'readOnlyRootFilesystem') === true ? [] : ['file system'],
            (names) => `${names} can change the files of the image`,
          ),
        ),
        noContainers,
      ),
  },
  {
    id: 'privileges',
    weight: 4,
    title: 'No further privileges',
    applies: 'containers',
    rule: '`allowPrivilegeEscalation` is false; neither `privileged` nor in a namespace of the host.',
    sources: [sources.podSecurity],
    fix: {
      remedy: 'Set allowPrivilegeEscalation to false on {object} and keep it out of the host',
      way: 'settings',
      settings: ['securityContext.allowPrivilegeEscalation', 'allowPrivilegeEscalation'],
    },
    judge: ({ workloads }) =>
      checked(
        workloads.map((workload) =>
          checkContainers(
            workload,
            1,
            (container) => privilegesOf(workload, container),
            (names, what) => `${names} can get more rights than they need (${what})`,
          ),
        ),
        noContainers,
      ),
  },
  {
    id: 'image',
    weight: 8,
    title: 'Pinned images',
    applies: 'containers',
    rule: 'Half for a tag that is not `latest`, all for a digest.',
    sources: [sources.images, sources.dependencies],
    fix: {
      remedy: 'Name the images of {object} by digest',
      way: 'settings',
      settings: ['image', 'image.digest'],
    },
    judge: ({ workloads }) => checked(workloads.map(checkImages), noContainers),
  },
];
