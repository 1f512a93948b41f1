import type {
  CatalystEvent,
  ObjectObserved,
  RefUpdated,
  ReleaseStatus,
} from '@catalyst/model/events/cloud-event.ts';
import { groupOf } from '@catalyst/model/kubernetes.ts';
import { type ApplicationParts, toApplicationView } from '@catalyst/model/projection/application-view.ts';
import { applicationKey, objectKey, releaseKey, resourceKey } from '@catalyst/model/projection/keys.ts';
import type { ApplicationView, PodView } from '@catalyst/model/views/application-view.ts';
import type { Installation } from '../application-controller/installations.ts';

/** One Application as known: what Git says, what the runtime says. */
export interface ProjectedApplication {
  readonly environment: string;
  readonly application: string;
  installed?: Pick<Installation, 'declaration' | 'removing' | 'revision' | 'lastChange'> & {
    readonly sequence: number;
  };
  release?: ReleaseStatus;
  /** Stream sequence that the release came from. */
  releaseSource: number;
  /** The release was said before the last start, and nobody has looked since. */
  unobserved: boolean;
  readonly pods: Map<string, PodView>;
  /** Keys of its observed objects, with the sequence that each came from. */
  readonly objects: Map<string, number>;
  readyRevision?: string;
}

/** An entry to write (or, undefined, to delete) with the sequence that it came from. */
export interface PendingEntry {
  readonly value: unknown;
  readonly source: number;
}

/** The projection in memory: takes events in order, says which Applications and entries they changed. */
export function createProjection(deps: {
  readonly url: (host: string) => string;
  readonly engine: () => { readonly available: boolean; readonly message: string };
}) {
  const applications = new Map<string, ProjectedApplication>();
  const dependents = new Map<string, Set<string>>();
  const dirty = new Set<string>();
  const entries = new Map<string, PendingEntry>();
  /** Reports up to this sequence may be of the time before the last start. */
  let formerly = -1;

  function find(environment: string, application: string): ProjectedApplication {
    const id = `${environment}/${application}`;
    const found = applications.get(id);
    if (found) return found;
    const made: ProjectedApplication = {
      environment,
      application,
      releaseSource: -1,
      unobserved: false,
      pods: new Map(),
      objects: new Map(),
    };
    applications.set(id, made);
    return made;
  }

  function touch(application: ProjectedApplication): void {
    dirty.add(`${application.environment}/${application.application}`);
  }

  function link(application: ProjectedApplication, bound: boolean): void {
    for (const binding of application.installed?.declaration.bindings ?? []) {
      const id = `${application.environment}/${binding.application}`;
      const users = dependents.get(id) ?? new Set();
      if (bound) users.add(application.application);
      else users.delete(application.application);
      if (users.size > 0) dependents.set(id, users);
      else dependents.delete(id);
      if (applications.has(id)) dirty.add(id);
    }
  }

  function install(application: ProjectedApplication, installed: ProjectedApplication['installed']): void {
    link(application, false);
    if (installed) application.installed = installed;
    else delete application.installed;
    link(application, installed?.removing === false);
    touch(application);
  }

  function onRef(update: RefUpdated): void {
    const { declaration, environment } = update;
    if (declaration === undefined || !environment) return;
    const application = find(environment, declaration?.application ?? update.repository);
    const before = application.installed;
    if ((before?.sequence ?? 0) >= update.sequence) return;
    const known = declaration ?? before?.declaration;
    if (!known) return;
    install(application, {
      declaration: known,
      removing: declaration === null,
      revision: update.newRevision,
      sequence: update.sequence,
      lastChange: {
        by: update.pusher.name,
        surface: update.pusher.surface,
        at: update.time,
        message: update.subject,
      },
    });
  }

  function onRelease(status: ReleaseStatus, source: number, observed = source > formerly): void {
    const application = find(status.environment, status.application);
    if (source <= application.releaseSource) return;
    application.releaseSource = source;
    application.unobserved = !observed;
    const key = releaseKey(status.environment, status.application);
    touch(application);
    if (!status.removed) {
      application.release = status;
      entries.set(key, { value: status, source });
      return;
    }
    delete application.release;
    entries.set(key, { value: undefined, source });
    for (const object of application.objects.keys()) entries.set(object, { value: undefined, source });
    application.objects.clear();
    application.pods.clear();
    // An Application whose repository went with its Organization has no commit that uninstalls it: what was removed is what was installed.
    const { installed } = application;
    if (installed && (installed.removing || installed.revision === status.revision))
      install(application, undefined);
  }

  function onObject(observed: ObjectObserved, source: number): void {
    const { environment, kind, namespace, name } = observed;
    const application = find(environment, observed.application);
    const key = objectKey(environment, { group: groupOf(observed.apiVersion), kind, namespace, name });
    if (source <= (application.objects.get(key) ?? -1)) return;
    if (observed.deleted) application.objects.delete(key);
    else application.objects.set(key, source);
    entries.set(key, { value: observed.deleted ? undefined : observed, source });
    if (kind === 'Pod') {
      if (observed.deleted) application.pods.delete(name);
      // The agent is the only writer, and a Pod's status is the view itself.
      else application.pods.set(name, observed.status as unknown as PodView);
    }
    if (kind === 'Pod' || observed.deleted) touch(application);
  }

  return {
    applications,
    find,
    install,
    /** Takes what the engine itself says now, as of a sequence. */
    observe: (status: ReleaseStatus, source: number): void => onRelease(status, source, true),
    onObject,
    /** Takes one event of the stream. */
    apply(event: CatalystEvent, source: number): void {
      if (event.type === 'io.openova.catalyst.git.ref-updated') onRef(event.data);
      else if (event.type === 'io.openova.catalyst.release.reported') onRelease(event.data, source);
      else if (event.type === 'io.openova.catalyst.object.observed') onObject(event.data, source);
      else if (event.type === 'io.openova.catalyst.resource.changed') {
        const { kind, name, deleted, resource } = event.data;
        entries.set(resourceKey(kind, name), { value: deleted ? undefined : resource, source });
      }
    },
    touchAll(): void {
      for (const id of applications.keys()) dirty.add(id);
    },
    /** Begins anew. What the engine has said since its start is told with `observe`; reports up to this sequence may be older. */
    begin(sequence: number): void {
      formerly = sequence;
      applications.clear();
      dependents.clear();
      dirty.clear();
      entries.clear();
    },
    /** The card; undefined where nothing is installed. */
    view(application: ProjectedApplication): ApplicationView | undefined {
      const { installed, release, readyRevision } = application;
      if (!installed) return undefined;
      const parts: ApplicationParts = {
        declaration: installed.declaration,
        removing: installed.removing,
        revision: installed.revision,
        lastChange: installed.lastChange,
        pods: [...application.pods.values()],
        usedBy: [...(dependents.get(`${application.environment}/${application.application}`) ?? [])],
        engine: deps.engine(),
        ...(release ? { release } : {}),
        ...(application.unobserved ? { unobserved: true } : {}),
        ...(readyRevision === undefined ? {} : { readyRevision }),
      };
      return toApplicationView(parts, deps.url);
    },
    /** What changed since the last call; the Applications that are gone are forgotten. */
    take(): { dirty: ProjectedApplication[]; entries: Map<string, PendingEntry> } {
      const taken = {
        dirty: [...dirty].flatMap((id) => applications.get(id) ?? []),
        entries: new Map(entries),
      };
      dirty.clear();
      entries.clear();
      return taken;
    },
    /** Puts back what could not be written. */
    putBack(taken: {
      dirty: readonly ProjectedApplication[];
      entries: ReadonlyMap<string, PendingEntry>;
    }): void {
      for (const application of taken.dirty) touch(application);
      for (const [key, entry] of taken.entries) if (!entries.has(key)) entries.set(key, entry);
    },
    forget(application: ProjectedApplication): void {
      const { environment, application: name, installed, release, objects } = application;
      if (!installed && !release && objects.size === 0) applications.delete(`${environment}/${name}`);
    },
    keyOf: (application: ProjectedApplication) =>
      applicationKey(application.environment, application.application),
  };
}
