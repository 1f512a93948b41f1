import type { OwnerHandle } from '../codeowners/codeowners.ts';

/** The way that a change takes to an Environment. */
export type ChangeWay =
  /** A commit or a push straight to the branch. */
  | 'direct'
  | 'pull-request'
  /** `base/` goes back to what it was at an earlier head of the branch. */
  | 'rollback'
  /** Restart, pause, resume, hold. */
  | 'operation';

/** What is to be done where. */
export interface PolicyChange {
  readonly environment: string;
  readonly way: ChangeWay;
}

/** Somebody's verdict on one exact head. */
export interface ReviewFact {
  readonly by: { readonly id: string; readonly name: string };
  readonly verdict: 'approve' | 'request-changes';
  readonly revision: string;
}

/** What is known of a pull request when it is judged. Plain JSON: kept with the verdict, it gives the same answer again. */
export interface ReviewFacts {
  readonly head: string;
  /** Ids of the opener and of everybody who brought a commit that it carries; none of them may approve. */
  readonly authors: readonly string[];
  readonly reviews: readonly ReviewFact[];
  /** Ids of those who may approve, by each team or user that a rule or a CODEOWNERS line names. */
  readonly people: Readonly<Record<OwnerHandle, readonly string[]>>;
  /** What it changes, grouped by who owns it at the head of the destination. Unowned files belong to the org-admins. */
  readonly ownership: readonly {
    readonly owners: readonly OwnerHandle[];
    readonly paths: readonly string[];
  }[];
}

/** How long the content that a change brings has been Running in another Environment. */
export interface SoakFact {
  readonly environment: string;
  /** Whether there still is such an Environment. */
  readonly exists: boolean;
  /** Whether the content ever was on its branch. */
  readonly arrived: boolean;
  readonly healthyMs: number;
  /** Whether it is Running there with this content now. */
  readonly running: boolean;
}

/** Where merging writes another `base/` than the head of the pull request has: what ran elsewhere is not what would come. */
export interface OtherBaseFact {
  /** Some of the paths that differ, at most four. */
  readonly paths: readonly string[];
  /** How many differ in all. */
  readonly count: number;
}

/** The RE score of what a change would make run in the Environment. */
export type ScoreFact =
  | {
      readonly kind: 'scored';
      readonly value: number;
      /** The cheapest first, a few of them. */
      readonly lost: readonly {
        readonly criterion: string;
        readonly object: string;
        readonly fix: string;
        readonly points: number;
      }[];
      /** Titles of criteria of which the facts are not known. */
      readonly unknown: readonly string[];
    }
  /** Nothing would run that could be scored. */
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };
/** Somebody has broken the glass of the Environment and asks for the change himself. */
export interface BreakGlassFact {
  readonly by: { readonly id: string; readonly name: string };
  readonly reason: string;
  /** RFC 3339; from then on it opens nothing. */
  readonly until: string;
}

/** Everything that rules look at. */
export interface PolicyFacts {
  /** When it is judged, in milliseconds since 1970. */
  readonly now: number;
  /** Who would merge or commit it; absent where nobody asks for it yet, as in a preview. */
  readonly actor?: { readonly id: string; readonly name: string };
  /** Ids of the people behind handles that rules name; of a pull request, `review.people` has them. */
  readonly people?: Readonly<Record<OwnerHandle, readonly string[]>>;
  /** Of a pull request. */
  readonly review?: ReviewFacts;
  /** Results that were posted to the pull request. */
  readonly checks?: readonly {
    readonly name: string;
    readonly revision: string;
    readonly status: 'pending' | 'success' | 'failure';
    /** The token that posted it, and whose it is. */
    readonly by?: { readonly token: string; readonly owner: string };
  }[];
  readonly soaks?: readonly SoakFact[];
  /**
   * `base/` stays as it is, or an uninstallation takes away of it and does nothing else to it: there is nothing that could have run
   * elsewhere first.
   */
  readonly bringsNothing?: boolean;
  /** Of a pull request that is no promotion; absent where merging makes the very `base/` of its head. */
  readonly otherBase?: OtherBaseFact;
  /** Of a pull request, where the policy asks for it. */
  readonly score?: ScoreFact;
  readonly breakGlass?: BreakGlassFact;
}

/** Whom handles name, when a policy is proposed: ids of people who may approve; undefined where there is nobody of that name. */
export type Directory = (handle: OwnerHandle) => readonly string[] | undefined;

/** What there is around a policy when it is proposed. */
export interface PolicySurroundings {
  /** The Environment that the policy is of. */
  readonly environment: string;
  /** Names of all Environments; absent where they are not known. */
  readonly environments?: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What of a rule makes no sense, with its field and the way out. */
export interface RuleProblem {
  readonly field: string;
  readonly message: string;
}
