import { Alert, Anchor, Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, useSearchParams } from 'react-router';
import { queries } from '../api/use-api.ts';
import { EntrancePanel } from './EntrancePanel.tsx';
import { loginUrl, safeReturnTo } from './return-to.ts';

/** Sign-in: one button that leads to the issuer. */
export function Component() {
  const [query] = useSearchParams();
  const { data: me } = useQuery(queries.me);
  const { data: sovereign } = useQuery(queries.sovereign);
  const returnTo = safeReturnTo(query.get('returnTo'));
  if (me) return <Navigate to={returnTo} replace />;
  const ended = query.has('ended');
  return (
    <EntrancePanel
      title={ended ? 'Your session has ended' : 'Sign in'}
      lead={
        ended
          ? 'Sign in again to go on where you were. What you had saved is safe.'
          : sovereign?.name
            ? `You are about to sign in to the Sovereign ${sovereign.name}.`
            : 'You are about to sign in to this Sovereign.'
      }
    >
      <Stack>
        {sovereign?.setupNeeded && (
          <Alert color="accent" title="This Sovereign is new">
            Open the set-up link that Catalyst printed in the terminal when it started. It makes the first
            account.
          </Alert>
        )}
        {query.has('error') && (
          <Alert color="red" role="alert" title="Signing in did not work">
            Try again. If it stays, ask the administrator of this Sovereign.
          </Alert>
        )}
        <Button component="a" href={loginUrl(returnTo)} size="md" fullWidth>
          Sign in
        </Button>
        <Text size="sm" ta="center" c="dimmed">
          Only looking?{' '}
          <Anchor component={Link} to="/marketplace" inherit>
            Browse the marketplace
          </Anchor>
        </Text>
      </Stack>
    </EntrancePanel>
  );
}
