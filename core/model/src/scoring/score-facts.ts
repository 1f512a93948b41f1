import type { KubernetesObject } from '../kubernetes.ts';
import type { ApplicationState, PodView } from '../views/application-view.ts';

/** What was found out, or one sentence why it was not. What is not known is never guessed. */
export type Known<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly why: string };

/** Wraps what was found out. */
export function known<T>(value: T): Known<T> {
  return { known: true, value };
}

/** Wraps why something is not known. */
export function unknown(why: string): { readonly known: false; readonly why: string } {
  return { known: false, why };
}

/** How it runs in one Environment, as observed. */
export interface RunningFact {
  readonly environment: string;
  readonly state: ApplicationState;
  readonly pods: readonly PodView[];
}

/** Who answers for the files that make it run, by CODEOWNERS. */
export interface OwnerFact {
  readonly handles: readonly string[];
  /** How many different people are behind those handles now. */
  readonly people: number;
}

/** The version of the Blueprint that is used, and where the catalog is. */
export interface FreshnessFact {
  readonly used: string;
  /** Newest version that is no prerelease. */
  readonly newest: string;
  /** Newest version to which there is a direct way; absent where there is none. */
  readonly next?: string;
}

/** Everything that the score is made of. Plain JSON: the same facts give the same score for ever. */
export interface ScoreFacts {
  /** As rendered for one Environment; their order does not matter. */
  readonly objects: readonly KubernetesObject[];
  readonly blueprint: string;
  /** The form of its settings, so that a fix can name the field. */
  readonly configSchema: unknown;
  readonly freshness: Known<FreshnessFact>;
  readonly owners: Known<OwnerFact>;
  /** Claims that are backed up, as `Kind/name` or `Kind/name/claim`. */
  readonly backups: Known<readonly string[]>;
  /** Where this very content runs. */
  readonly running: Known<readonly RunningFact[]>;
}
