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

/** Adds somebody to an Organization as an org-admin would, and does what that person does: opens the link and makes an account, or accepts with theirs. */
export async function invite(
  sovereign: Sovereign,
  by: Client,
  organization: string,
  name: string,
  membership: Membership,
): Promise<Person> {
  const email = `${name}@example.net`;
  const person = { email, password: `${name} likes long passwords` };
  const { invitation } = await by.json<{ invitation: { url: string } }>(
    'POST',
    `/v1/organizations/${organization}/members`,
    { name, email, ...membership },
  );
  const token = /token=([\w-]+)/.exec(invitation.url)?.[1] ?? '';
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetchLocal(sovereign.port, 'localhost', path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: sovereign.url, ...headers },
      body: JSON.stringify(body),
    });
  const made = await post('/v1/invitations/accept', { token, password: person.password });
  if (made.status === 409) {
    const cookie = `catalyst_session=${await signIn(sovereign, person)}`;
    const accepted = await post('/v1/me/memberships', { token }, { cookie });
    if (accepted.status !== 201) throw new Error(`membership: ${accepted.status} ${accepted.body}`);
  } else if (made.status !== 200) throw new Error(`invitation: ${made.status} ${made.body}`);
  const client = createClient(sovereign, await createToken(sovereign, person));
  const { user } = await client.json<{ user: { id: string } }>('GET', '/v1/me');
  return { id: user.id, ...person, client, signIn: () => signIn(sovereign, person) };
}
