import type { Actor, CheckRight, OrganizationRole } from '@catalyst/model/authorization.ts';
import type { Result } from '@catalyst/model/problem.ts';
import type { User } from '../../ports/identity.ts';

/** A person in an Organization, as its members see them. */
export interface Member {
  readonly user: Pick<User, 'id' | 'name' | 'email' | 'active'>;
  readonly role: OrganizationRole;
  /** Only for a developer who is limited to some Environments. */
  readonly environments?: readonly string[];
  /** May break the glass; who granted it, and when (RFC 3339). */
  readonly breakGlass?: BreakGlassGrant;
}

/** The right to break the glass, as it was granted. */
export interface BreakGlassGrant {
  readonly by: { readonly id: string; readonly name: string };
  readonly at: string;
}

/** A link that a person who is new here must accept. Shown once. */
export interface Invitation {
  /** Path below the console's origin, with the token. */
  readonly path: string;
  /** RFC 3339 */
  readonly expiresAt: string;
}

/** A personal access token without its secret. Times are RFC 3339. */
export interface TokenInfo {
  readonly id: string;
  readonly name: string;
  readonly readOnly: boolean;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** To the hour. */
  readonly lastUsedAt?: string;
  /** Checks that it may post (docs/adr/0020). */
  readonly checks?: TokenChecks;
}

/** The right to post checks, as its owner sees it. */
export interface TokenChecks {
  readonly organization: string;
  readonly names: string[];
  /** Whether it holds: its owner could give it now. */
  readonly holds: boolean;
}

/** What a token is to be. */
export interface TokenInput {
  readonly name: string;
  readonly expiresInDays: number;
  /** False unless told, but true for one that posts checks. */
  readonly readOnly?: boolean;
  readonly checks?: CheckRight;
}

/** What a membership is to be. */
export interface MembershipInput {
  readonly role: OrganizationRole;
  readonly environments?: readonly string[];
}

/**
 * Who asks, and what they may do where: sessions, personal access tokens and memberships. Secrets are stored as SHA-256 only.
 * Memberships are read with each request, so a change holds from the next one on.
 */
export interface Access {
  /** Begins a session: the cookie's value (256 random bits) and when it ends at the latest (RFC 3339). */
  signIn(user: string): Promise<{ readonly cookie: string; readonly expiresAt: string }>;
  /** Ends the session; unknown ones are no error. */
  signOut(cookie: string): Promise<void>;
  /** Undefined for an unknown, ended, idle (12 h) or old (30 d) session. */
  authenticateSession(cookie: string): Promise<Actor | undefined>;
  /** Undefined for a forged, unknown, revoked or expired token. Forged ones cost no look-up. */
  authenticateToken(token: string, surface?: 'api' | 'git'): Promise<Actor | undefined>;

  /** Own tokens, newest first. */
  tokens(actor: Actor): Promise<TokenInfo[]>;
  /**
   * The token is in the answer once and never again. Codes: `Denied` (only a signed-in person makes tokens; only an org-admin or a
   * sovereign-admin gives one the right to post checks), `NotFound` (an Organization that is not theirs), `Invalid`, `TooMany` (50).
   */
  createToken(actor: Actor, input: TokenInput): Promise<Result<TokenInfo & { readonly token: string }>>;
  /** False when the actor has no such token. */
  deleteToken(actor: Actor, id: string): Promise<boolean>;

  /** Sorted by e-mail. */
  members(organization: string): Promise<Member[]>;
  /**
   * Adds somebody by e-mail. Who is new here, or has not accepted yet and belongs to no other Organization, gets a (new)
   * invitation. Codes: `Denied`, `Conflict` (is an active member), `Invalid`, `TooMany`.
   */
  addMember(
    actor: Actor,
    organization: string,
    input: MembershipInput & { readonly name: string; readonly email: string },
  ): Promise<Result<{ readonly member: Member; readonly invitation?: Invitation }>>;
  /** The right to break the glass stays, but for one who only views. Codes: `Denied`, `NotFound`, `Invalid`, `LastAdmin` (an Organization keeps an org-admin unless a sovereign-admin acts). */
  changeMember(
    actor: Actor,
    organization: string,
    user: string,
    input: MembershipInput,
  ): Promise<Result<Member>>;
  /**
   * Grants or takes the right to break the glass (docs/adr/0018). Any org-admin or sovereign-admin takes it; an org-admin grants it to
   * others, and to himself only where he is the one active org-admin; a sovereign-admin grants it only where there is no active
   * org-admin. Codes: `Denied`, `NotFound`, `Invalid` (one who only views).
   */
  grantBreakGlass(
    actor: Actor,
    organization: string,
    user: string,
    granted: boolean,
  ): Promise<Result<Member>>;
  /** Whether a person may break the glass of an Environment, from the membership as it is now. */
  mayBreakGlass(user: string, environment: string): Promise<boolean>;
  /** Codes: `Denied`, `NotFound`, `LastAdmin`. */
  removeMember(actor: Actor, organization: string, user: string): Promise<Result<void>>;
  /** Forgets every membership of an Organization that is being deleted, and the rights of tokens there. Idempotent. */
  removeOrganization(organization: string): Promise<void>;
}
