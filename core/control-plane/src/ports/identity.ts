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
  /** False until the invitation is accepted. */
  readonly active: boolean;
}

/**
 * OpenID Connect issuer and its users. Passwords are hashed with scrypt; attempts are limited per account and per address. Links for set-up and
 * invitation are single-use, expire, and are stored hashed.
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
   * Makes a user that must accept the returned single-use invitation (path with token) to become active. For a user who is not
   * active yet a new invitation voids those before. Conflict when an active user has the e-mail.
   */
  invite(input: {
    name: string;
    email: string;
    sovereignAdmin: boolean;
  }): Promise<Result<{ user: User; path: string; expiresAt: string }>>;
  /** Accepts an invitation or set-up link: sets the password (12 to 200 characters). Codes: `LinkUsed`, `LinkExpired`, `LinkUnknown`, `WeakPassword`. */
  accept(token: string, input: { name?: string; email?: string; password: string }): Promise<Result<User>>;
  /** True while the Sovereign has no active sovereign-admin. */
  setupNeeded(): Promise<boolean>;
  /** A set-up link while the Sovereign has no active sovereign-admin; undefined once it has. A new one voids those before. */
  setupLink(): Promise<{ path: string; expiresAt: string } | undefined>;
}
