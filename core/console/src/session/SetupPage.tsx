import { Alert, Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { api } from '../api/api.ts';
import { queries } from '../api/use-api.ts';
import { CredentialsForm } from './CredentialsForm.tsx';
import { EntrancePanel } from './EntrancePanel.tsx';
import { loginUrl } from './return-to.ts';

/** First account of a Sovereign, from the link that was printed in the terminal. */
export function Component() {
  const [query] = useSearchParams();
  const token = query.get('token') ?? '';
  const { data: sovereign } = useQuery(queries.sovereign);
  if (sovereign && !sovereign.setupNeeded)
    return (
      <EntrancePanel
        title="Already set up"
        lead="This Sovereign has its first account, so the link has done its work."
      >
        <Anchor href={loginUrl('/organizations')}>Sign in</Anchor>
      </EntrancePanel>
    );
  return (
    <EntrancePanel
      title="Set up Catalyst"
      lead="Make the first account. It administers this Sovereign and can invite others."
    >
      {token === '' ? (
        <Alert color="red" role="alert" title="The address is incomplete">
          <Text size="sm">
            Copy the whole set-up link from the terminal in which Catalyst started, token included.
          </Text>
        </Alert>
      ) : (
        <CredentialsForm
          askEmail
          nameRequired
          action="Create the account"
          submit={(credentials) => api.setUp({ token, ...credentials })}
          done={() => window.location.assign(loginUrl('/organizations'))}
        />
      )}
    </EntrancePanel>
  );
}
