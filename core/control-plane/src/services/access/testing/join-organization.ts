import assert from 'node:assert/strict';
import type { Actor } from '@catalyst/model/authorization.ts';
import { tokenOf } from '../../../ports/identity.contract.ts';
import type { Identity } from '../../../ports/identity.ts';
import type { Access, MembershipInput } from '../access.ts';

/** Makes somebody a member as people do it: one adds, the other opens the link, with their account or a new one. Gives the id of the account. */
export async function joinOrganization(
  { access, identity }: { readonly access: Access; readonly identity: Identity },
  by: Actor,
  organization: string,
  input: MembershipInput & { readonly name: string; readonly email: string },
): Promise<string> {
  const added = await access.addMember(by, organization, input);
  assert.ok(added.ok, JSON.stringify(added));
  const token = tokenOf(added.value.path);
  const known = await identity.findUserByEmail(input.email);
  if (!known) {
    const accepted = await access.acceptInvitation(token, { password: 'correct horse battery' });
    assert.ok(accepted.ok, JSON.stringify(accepted));
    return accepted.value.id;
  }
  const actor = await access.authenticateSession((await access.signIn(known.id)).cookie);
  assert.ok(actor);
  const accepted = await access.acceptMembership(actor, token);
  assert.ok(accepted.ok, JSON.stringify(accepted));
  return known.id;
}
