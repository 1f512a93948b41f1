import { Alert, Text } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { api } from '../api/api.ts';
import { CredentialsForm } from './CredentialsForm.tsx';
import { EntrancePanel } from './EntrancePanel.tsx';
import { loginUrl } from './return-to.ts';

/** An invited person chooses a password, and from then on signs in. */
export function Component() {
  const [query] = useSearchParams();
  const token = query.get('token') ?? '';
  return (
    <EntrancePanel
      title="Accept the invitation"
      lead="Choose a password. You sign in with it and your e-mail address."
    >
      {token === '' ? (
        <Alert color="red" role="alert" title="The address is incomplete">
          <Text size="sm">Open the whole link that you were given, token included.</Text>
        </Alert>
      ) : (
        <CredentialsForm
          askEmail={false}
          nameRequired={false}
          action="Accept and sign in"
          submit={({ name, password }) =>
            api.acceptInvitation({ token, password, ...(name.trim() === '' ? {} : { name: name.trim() }) })
          }
          done={() => window.location.assign(loginUrl('/organizations'))}
        />
      )}
    </EntrancePanel>
  );
}
