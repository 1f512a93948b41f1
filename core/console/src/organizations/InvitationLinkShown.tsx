import type { InvitationWithLink } from '@catalyst/model/api/organizations.ts';
import { Button, Group, Stack, Text } from '@mantine/core';
import { CopyLine } from '../feedback/CopyLine.tsx';

/** A link that is shown once, with what to do with it. */
export function InvitationLinkShown({ shown, close }: { shown: InvitationWithLink; close: () => void }) {
  const { name, email, expiresAt, url } = shown.invitation;
  return (
    <Stack>
      <Text>
        Send {name} this link, in a way that reaches them alone: it is shown only now, works once, and ends{' '}
        {new Date(expiresAt).toLocaleString()}. They accept it with their account for {email}, or make one;
        until then they have no access.
      </Text>
      <CopyLine value={new URL(url, window.location.origin).href} label="invitation link" />
      <Group justify="flex-end">
        <Button onClick={close}>Done</Button>
      </Group>
    </Stack>
  );
}
