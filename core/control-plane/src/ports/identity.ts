import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Result } from '@catalyst/model/problem.ts';

/** A human who can sign in. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly sovereignAdmin: boolean;
  /** RFC 3339 */
  readonly createdAt: string;
  /** One that is not active does not sign in and has no rights. */
  readonly active: boolean;
}

/**
 * OpenID Connect issuer and its users. Passwords are hashed with scrypt; attempts are limited per account and per address. The set-up link is
 * single-use, expires, and is stored hashed.
 */
export interface Identity {
  /** Issuer URL; part of every token, so it never changes. */
  readonly issuer: string;
  /**
   * Serves the issuer's endpoints and sign-in pages below the issuer's path (`/oidc/`). The caller has checked the Host and has
   * replaced `X-Forwarded-For` with the one address that it knows the request to come from.
   */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Ends the issuer's own session that the request's cookies carry, if any; the caller answers the request. */
  endSession(request: IncomingMessage, response: ServerResponse): Promise<void>;
  findUser(id: string): Promise<User | undefined>;
  findUserByEmail(email: string): Promise<User | undefined>;
  /** Everybody who is an active sovereign-admin, in the order in which they came. */
  sovereignAdmins(): Promise<User[]>;
  /**
   * Makes an active user who is no sovereign-admin. The caller has a reason to let somebody take this address; nobody proves to own it.
   * The password (12 to 200 characters) is judged before the address is looked up. Codes: `Invalid`, `WeakPassword`, `Conflict` (the address is taken).
   */
  createUser(input: { name: string; email: string; password: string }): Promise<Result<User>>;
  /** Accepts the set-up link: makes the first sovereign-admin. Codes: `LinkUsed`, `LinkExpired`, `LinkUnknown`, `Invalid`, `WeakPassword`, `Conflict`. */
  accept(token: string, input: { name: string; email: string; password: string }): Promise<Result<User>>;
  /** True while the Sovereign has no active sovereign-admin. */
  setupNeeded(): Promise<boolean>;
  /** A set-up link while the Sovereign has no active sovereign-admin; undefined once it has. A new one voids those before. */
  setupLink(): Promise<{ path: string; expiresAt: string } | undefined>;
}
