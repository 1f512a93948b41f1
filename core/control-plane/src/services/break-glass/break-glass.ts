import type { OpenBreakGlass } from '@catalyst/model/api/break-glass.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { BreakGlassEnd } from '@catalyst/model/policy/break-glass.ts';
import type { BreakGlassFact } from '@catalyst/model/policy/facts.ts';
import type { Result } from '@catalyst/model/problem.ts';

/** A person as everybody of the Organization may see them. */
interface Who {
  readonly id: string;
  readonly name: string;
}

/** One time that somebody broke the glass of an Environment. Times are RFC 3339, UTC. */
export interface BrokenGlass {
  readonly id: string;
  readonly organization: string;
  readonly environment: string;
  readonly by: Who;
  readonly reason: string;
  readonly minutes: number;
  readonly openedAt: string;
  readonly until: string;
  readonly ended?: { readonly at: string; readonly how: BreakGlassEnd; readonly by?: Who };
}

/**
 * The way past the gates of a policy when there is no time for them: one person, who has that right by name, for one Environment, with
 * a reason that everybody sees, for minutes. It counts for merges by that very person, and a verdict records it. Rows that stay: the
 * newest 10,000 of an Organization. Callers have authorised the actor for the Environment.
 */
export interface BreakGlass {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Codes: `Denied` (no such right), `Invalid`, `Conflict` (the person has it open there), `TooMany` (20 a day). */
  open(actor: Actor, environment: string, request: OpenBreakGlass): Promise<Result<BrokenGlass>>;
  /** By the one who opened it and by org-admins. Closing what is closed changes nothing. Codes: `Denied`, `NotFound`. */
  close(actor: Actor, environment: string, id: string): Promise<Result<BrokenGlass>>;
  /** Newest first; `limit` is 1 to 200. */
  list(
    environment: string,
    query: { readonly open?: boolean; readonly limit: number },
  ): Promise<BrokenGlass[]>;
  /** What a policy is told where this person has it open there now. */
  factOf(environment: string, user: string): Promise<BreakGlassFact | undefined>;
  /**
   * Called whenever somebody broke the glass, once that is durable. A process that ends just then tells nobody here; the event on the
   * spine is sent all the same.
   */
  onBroken(listener: (broken: BrokenGlass) => void | Promise<void>): void;
  /** Forgets all of an Organization that is being deleted. Idempotent. */
  forget(organization: string): Promise<void>;
}
