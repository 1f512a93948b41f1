import type { OfferedMembership } from '@catalyst/model/api/identity.ts';
import { Alert, Button, Divider, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { api } from '../api/api.ts';
import { messageOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { PageSkeleton } from '../feedback/PageSkeleton.tsx';
import { titleOfRole } from '../organizations/roles.ts';
import { CredentialsForm } from './CredentialsForm.tsx';
import { EntrancePanel } from './EntrancePanel.tsx';
import { loginUrl } from './return-to.ts';
import { signOut } from './sign-out.ts';

const title = 'Accept the invitation';

/** Whoever holds the link sees what is offered, and accepts it with the account of its address: the one they sign in to, or a new one. */
export function Component() {
  const [query] = useSearchParams();
  const token = query.get('token') ?? '';
  const offer = useQuery(queries.invitation(token));
  const me = useQuery(queries.me);
  const here = `/invitations/accept?token=${encodeURIComponent(token)}`;
  if (token === '')
    return (
      <Broken
        title="The address is incomplete"
        message="Open the whole link that you were given, token included."
      />
    );
  if (offer.error) return <Broken title="This link does not work" message={messageOf(offer.error)} />;
  if (!offer.data || me.isPending) return <PageSkeleton />;
  const user = me.data?.user;
  return (
    <EntrancePanel title={title} lead={wordsOf(offer.data)}>
      {!user ? (
        <Newcomer offer={offer.data} token={token} here={here} />
      ) : user.email === offer.data.email ? (
        <Consent offer={offer.data} token={token} name={user.name} here={here} />
      ) : (
        <Alert color="yellow" role="alert" title="You are signed in with another account">
          <Stack gap="sm" align="flex-start">
            <Text size="sm">
              This invitation is for {offer.data.email}, and you are signed in as {user.name} ({user.email}).
            </Text>
            <Button variant="default" onClick={() => void signOut(here)}>
              Sign out
            </Button>
          </Stack>
        </Alert>
      )}
    </EntrancePanel>
  );
}

function wordsOf({ organization, invitedBy, email, role, environments }: OfferedMembership): string {
  const where = environments ? ` in ${environments.join(', ')}` : '';
  return `${invitedBy} offers ${email} to join ${organization} as ${titleOfRole(role)}${where}.`;
}

function Broken(props: { title: string; message: string }) {
  return (
    <EntrancePanel title={title} lead="A link from an administrator of an Organization leads here.">
      <Alert color="red" role="alert" title={props.title}>
        <Text size="sm">{props.message}</Text>
      </Alert>
    </EntrancePanel>
  );
}

/** Says which account takes the membership, before it does. */
function Consent(props: { offer: OfferedMembership; token: string; name: string; here: string }) {
  const { organization, email } = props.offer;
  const consent = useMutation({
    mutationFn: () => api.acceptMembership({ token: props.token }),
    // The whole page anew: what the person may see is another.
    onSuccess: () => window.location.assign(`/organizations/${organization}`),
  });
  return (
    <Stack>
      <Text>
        The membership goes to the account that you are signed in to: <strong>{props.name}</strong>, {email}.
      </Text>
      {consent.error && (
        <Alert color="red" role="alert" title="That did not work">
          <Text size="sm">{messageOf(consent.error)}</Text>
        </Alert>
      )}
      <Button size="md" loading={consent.isPending} onClick={() => consent.mutate()}>
        Accept as {props.name}
      </Button>
      <Button variant="subtle" color="gray" onClick={() => void signOut(props.here)}>
        This is not me: sign out
      </Button>
    </Stack>
  );
}

/** Both ways are always offered: whether there is an account with the address is told to nobody who only has the link. */
function Newcomer({ offer, token, here }: { offer: OfferedMembership; token: string; here: string }) {
  return (
    <Stack>
      <Text>Do you have an account on this Sovereign already?</Text>
      <Button component="a" href={loginUrl(here)} size="md" variant="default">
        Sign in as {offer.email}
      </Button>
      <Text size="sm" c="dimmed">
        If there is such an account and it is not yours, accept nothing and tell {offer.invitedBy}.
      </Text>
      <Divider label="or choose a password for a new account" />
      <CredentialsForm
        askEmail={false}
        nameRequired={false}
        action="Accept and sign in"
        submit={({ name, password }) =>
          api.acceptInvitation({ token, password, ...(name.trim() === '' ? {} : { name: name.trim() }) })
        }
        done={() => window.location.assign(loginUrl(`/organizations/${offer.organization}`))}
      />
    </Stack>
  );
}
