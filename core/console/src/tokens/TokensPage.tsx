import type { TokenView } from '@catalyst/model/api/identity.ts';
import { listWords } from '@catalyst/model/policy/approvals.ts';
import { Badge, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { messageOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { CopyLine } from '../feedback/CopyLine.tsx';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { PageHeader } from '../layout/PageHeader.tsx';
import { Section } from '../layout/Section.tsx';
import classes from '../organizations/Organizations.module.css';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { CreateToken } from './CreateToken.tsx';

/** Personal access tokens: for Git and for the API. */
export function Component() {
  const { data, error, refetch } = useQuery(queries.tokens);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<TokenView>();
  const create = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setCreating(true)}>
      Create token
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Access tokens"
        lead="With a token, Git and scripts act as you. It can do what you can, or only read, or post the checks that you name."
        actions={data && data.items.length > 0 ? create : null}
      />
      {error && !data ? (
        <Failure error={error} retry={() => void refetch()} compact />
      ) : !data ? (
        <BlockSkeleton rows={2} height={76} />
      ) : data.items.length === 0 ? (
        <EmptyState
          icon={<IconKey size={26} stroke={1.5} />}
          title="No tokens"
          message="Create one to clone and push the repositories of your Applications, or to use the API."
        >
          {create}
        </EmptyState>
      ) : (
        <ul className={classes.list}>
          {data.items.map((token) => (
            <TokenRow key={token.id} token={token} revoke={() => setRevoking(token)} />
          ))}
        </ul>
      )}
      <div style={{ marginTop: '2.25rem' }}>
        <Section title="How to use a token">
          <Stack gap="xs">
            <Text size="sm">
              Clone an Application. Git asks for a password: paste the token. The user name can be anything.
            </Text>
            <CopyLine
              value={`git clone ${window.location.origin}/git/<organization>/<application>.git`}
              label="clone command"
            />
            <Text size="sm" mt="xs">
              Ask the API. It describes itself at <code>/v1/openapi.json</code>.
            </Text>
            <CopyLine
              value={`curl -H "Authorization: Bearer $CATALYST_TOKEN" ${window.location.origin}/v1/applications`}
              label="API command"
            />
          </Stack>
        </Section>
      </div>
      <CreateToken opened={creating} close={() => setCreating(false)} />
      {revoking && <RevokeToken token={revoking} close={() => setRevoking(undefined)} />}
    </>
  );
}

function TokenRow({ token, revoke }: { token: TokenView; revoke: () => void }) {
  const expired = Date.parse(token.expiresAt) <= Date.now();
  return (
    <li className={classes.row}>
      <div className={classes.rowWords}>
        <Group gap={8}>
          <Text fw={600}>{token.name}</Text>
          {token.readOnly && (
            <Badge variant="light" color="gray" tt="none" fw={500}>
              only reads
            </Badge>
          )}
          {token.checks && (
            <Badge
              variant="light"
              color={token.checks.holds ? 'blue' : 'red'}
              tt="none"
              fw={500}
              {...(token.checks.holds
                ? {}
                : {
                    title: `You are no org-admin of ${token.checks.organization} any more.`,
                    c: 'var(--red)',
                  })}
            >
              {token.checks.holds ? 'posts checks' : 'posts no checks any more'}
            </Badge>
          )}
          {expired && (
            <Badge variant="light" color="red" tt="none" fw={500} c="var(--red)">
              expired
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          Created <RelativeTime at={token.createdAt} />, {expired ? 'expired' : 'expires'}{' '}
          <RelativeTime at={token.expiresAt} />,{' '}
          {token.lastUsedAt ? (
            <>
              last used <RelativeTime at={token.lastUsedAt} />
            </>
          ) : (
            'never used'
          )}
        </Text>
        {token.checks && (
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            Checks of {token.checks.organization}: {listWords(token.checks.names)}
          </Text>
        )}
      </div>
      <Button variant="default" size="xs" onClick={revoke} aria-label={`Revoke ${token.name}`}>
        Revoke
      </Button>
    </li>
  );
}

function RevokeToken({ token, close }: { token: TokenView; close: () => void }) {
  const client = useQueryClient();
  const revocation = useMutation({
    mutationFn: () => api.deleteToken(token.id),
    onSuccess: async () => {
      close();
      notifications.show({ message: `The token ${token.name} no longer works.` });
      await client.invalidateQueries({ queryKey: ['tokens'] });
    },
  });
  return (
    <Modal opened onClose={close} title={`Revoke ${token.name}?`}>
      <Stack>
        <Text>
          Whatever uses it stops working at once. This cannot be undone.
          {token.checks && ' The checks that it has posted stay.'}
        </Text>
        {revocation.error && (
          <Text c="red" size="sm" role="alert">
            {messageOf(revocation.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={revocation.isPending} onClick={() => revocation.mutate()}>
            Revoke
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
