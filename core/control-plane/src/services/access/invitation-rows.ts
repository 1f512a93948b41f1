import { createHash, randomBytes } from 'node:crypto';
import type { OrganizationRole } from '@catalyst/model/authorization.ts';
import { ok, type Result, refused } from '@catalyst/model/problem.ts';
import type { TableDefinition, Transaction } from '../../ports/database.ts';
import type { Invitation } from './access.ts';

/** A membership that is offered, as it is kept. An accepted one stays for a while, so that its link is said to be used. */
export interface InvitationRow {
  /** `<organization>/<email>`: one offer to an address. */
  readonly key: string;
  readonly id: string;
  readonly organization: string;
  readonly email: string;
  readonly name: string;
  readonly role: OrganizationRole;
  readonly environments?: readonly string[];
  readonly invitedBy: { readonly id: string; readonly name: string };
  /** RFC 3339 */
  readonly invitedAt: string;
  /** SHA-256 of the link's token; the token itself is never stored. */
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  /** Nobody has accepted it yet. */
  readonly open: boolean;
}

/** Invitations of all Organizations. */
export const invitationsTable: TableDefinition<InvitationRow> = {
  name: 'membership_invitations',
  key: 'key',
  indexes: ['organization', 'id', 'hash', 'open', 'expires'],
};

const linkMs = 7 * 24 * 3_600_000;
/** How long a link that has been used is still told apart from one that never was. */
const keptMs = 30 * 24 * 3_600_000;

/** A new link: what is kept of it, and the path with the token, which is not. */
export function newLink(now: number): { hash: string; expires: number; path: string } {
  const token = randomBytes(32).toString('base64url');
  return { hash: hashOf(token), expires: now + linkMs, path: `/invitations/accept?token=${token}` };
}

/** The open invitation that a link leads to. Codes: `LinkUsed`, `LinkExpired`, `LinkUnknown`. */
export async function findByToken(
  tables: Transaction,
  token: string,
  now: number,
): Promise<Result<InvitationRow>> {
  const hash = /^[A-Za-z0-9_-]{43}$/.test(token) ? hashOf(token) : '';
  const [row] = hash ? await tables.table(invitationsTable).list({ where: { hash }, limit: 1 }) : [];
  if (!row)
    return refusedLink(
      'LinkUnknown',
      'This link is not known. Use the whole link; a newer link replaces those before it, and one that was withdrawn is gone. Ask whoever sent it for a new one.',
    );
  if (!row.open) return refusedLink('LinkUsed', 'This link has been used already. Sign in as before.');
  if (row.expires <= now)
    return refusedLink(
      'LinkExpired',
      `This link has expired on ${new Date(row.expires).toISOString()}. Ask an org-admin of ${row.organization} for a new one.`,
    );
  return ok(row);
}

/** Forgets links that were used long ago. */
export async function forgetUsed(tables: Transaction, now: number): Promise<void> {
  const rows = tables.table(invitationsTable);
  for (const row of await rows.list({ where: { open: false }, orderBy: 'expires', limit: 100 }))
    if (row.expires + keptMs < now) await rows.delete(row.key);
}

/** Forgets the invitations of an Organization that is being deleted. */
export async function forgetInvitations(tables: Transaction, organization: string): Promise<void> {
  const rows = tables.table(invitationsTable);
  for (;;) {
    const some = await rows.list({ where: { organization } });
    if (some.length === 0) return;
    for (const row of some) await rows.delete(row.key);
  }
}

/** An invitation as the org-admins see it. */
export function toInvitation(row: InvitationRow): Invitation {
  const { id, name, email, role, environments, invitedBy, invitedAt, expires } = row;
  return {
    id,
    name,
    email,
    role,
    ...(environments ? { environments } : {}),
    invitedBy,
    invitedAt,
    expiresAt: new Date(expires).toISOString(),
  };
}

function refusedLink(code: string, message: string) {
  return refused({ code, field: 'token', message });
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
