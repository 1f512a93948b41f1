import type { Actor, CheckRight, Membership, OrganizationRole } from '@catalyst/model/authorization.ts';
import type { Result } from '@catalyst/model/problem.ts';
import type { User } from '../../ports/identity.ts';

/** A person in an Organization, as its members see them. */
export interface Member {
  readonly user: Pick<User, 'id' | 'name' | 'email' | 'active'>;
  readonly role: OrganizationRole;
  /** Only for a developer who is limited to some Environments. */
  readonly environments?: readonly string[];
  /** RFC 3339: when the person accepted. Unknown for memberships that are older than such acceptance. */
  readonly since?: string;
  /** May break the glass; who granted it, and when (RFC 3339). */
  readonly breakGlass?: BreakGlassGrant;
}

/** The right to break the glass, as it was granted. */
export interface BreakGlassGrant {
  readonly by: { readonly id: string; readonly name: string };
  readonly at: string;
}

/** A membership that is offered to whoever has an address and the link. It gives no right until it is accepted. Times are RFC 3339. */
export interface Invitation {
  readonly id: string;
  /** As the inviter wrote it. */
  readonly name: string;
  readonly email: string;
  readonly role: OrganizationRole;
  readonly environments?: readonly string[];
  readonly invitedBy: { readonly id: string; readonly name: string };
  readonly invitedAt: string;
  /** The link works until then; who comes later needs a new one. */
  readonly expiresAt: string;
}

/** An invitation with its link: a path below the console's origin, with the token. Shown once. */
export interface InvitationLink {
  readonly invitation: Invitation;
  readonly path: string;
}

/** What the holder of a link is told before they accept. Nothing of it depends on whether there is an account with the address. */
export interface OfferedMembership
  extends Pick<Invitation, 'name' | 'email' | 'role' | 'environments' | 'expiresAt'> {
  readonly organization: string;
  readonly invitedBy: string;
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

  /** Those who accepted, sorted by e-mail. */
  members(organization: string): Promise<Member[]>;
  /**
   * Offers a membership to an e-mail address. The answer is the same whether or not there is an account; a new offer to the address takes the
   * place of the one before, whose link is void. Codes: `Denied`, `Conflict` (is a member already), `Invalid`, `TooMany`.
   */
  addMember(
    actor: Actor,
    organization: string,
    input: MembershipInput & { readonly name: string; readonly email: string },
  ): Promise<Result<InvitationLink>>;
  /** Those that nobody has accepted yet, sorted by e-mail. */
  invitations(organization: string): Promise<Invitation[]>;
  /** A new link; the one before is void. Codes: `Denied`, `NotFound`. */
  renewInvitation(actor: Actor, organization: string, id: string): Promise<Result<InvitationLink>>;
  /** Codes: `Denied`, `NotFound`. */
  withdrawInvitation(actor: Actor, organization: string, id: string): Promise<Result<void>>;
  /** What a link offers. Codes: `LinkUsed`, `LinkExpired`, `LinkUnknown`. */
  readInvitation(token: string): Promise<Result<OfferedMembership>>;
  /**
   * Makes an account with the invitation's address and accepts. Codes: those of `readInvitation`, `Invalid`, `WeakPassword`,
   * `AccountExists` (sign in to it instead).
   */
  acceptInvitation(token: string, input: { name?: string; password: string }): Promise<Result<User>>;
  /**
   * Accepts as who is signed in to the console, with the account of the invitation's address. Codes: those of `readInvitation`, `Denied`
   * (a token, or another account), `Conflict` (is a member already).
   */
  acceptMembership(actor: Actor, token: string): Promise<Result<Membership>>;
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
  /** Forgets every membership and invitation of an Organization that is being deleted, and the rights of tokens there. Idempotent. */
  removeOrganization(organization: string): Promise<void>;
}
