import { type Client, createClient } from './client.ts';
import { createToken, signIn } from './sign-in.ts';
import { fetchLocal, type Sovereign } from './sovereign.ts';

/** Somebody who was invited, accepted, and made a personal access token. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly client: Client;
  /** Signs in anew; gives the session cookie's value. */
  signIn(): Promise<string>;
}

interface Membership {
  readonly role: 'org-admin' | 'org-developer' | 'org-viewer';
  readonly environments?: readonly string[];
}

/** Invites somebody into an Organization as an org-admin would, and does what the invited person does. */
export async function invite(
  sovereign: Sovereign,
  by: Client,
  organization: string,
  name: string,
  membership: Membership,
): Promise<Person> {
  const email = `${name}@example.net`;
  const password = `${name} likes long passwords`;
  const { member, invitation } = await by.json<{
    member: { user: { id: string } };
    invitation?: { url: string };
  }>('POST', `/v1/organizations/${organization}/members`, { name, email, ...membership });
  const token = /token=([\w-]+)/.exec(invitation?.url ?? '')?.[1];
  const accepted = await fetchLocal(sovereign.port, 'localhost', '/v1/invitations/accept', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: sovereign.url },
    body: JSON.stringify({ token, password }),
  });
  if (accepted.status !== 200) throw new Error(`invitation: ${accepted.status} ${accepted.body}`);
  const person = { email, password };
  return {
    id: member.user.id,
    ...person,
    client: createClient(sovereign, await createToken(sovereign, person)),
    signIn: () => signIn(sovereign, person),
  };
}
