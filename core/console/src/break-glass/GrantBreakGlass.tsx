import type { MemberView } from '@catalyst/model/api/organizations.ts';
import { Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconHammer, IconHammerOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { ConfirmDialog } from '../organizations/ConfirmDialog.tsx';
import { breakGlassApi } from './break-glass-api.ts';

/** Entry of a member's menu that grants or takes the right to break the glass. */
export function GrantBreakGlassItem({ member, act }: { member: MemberView; act: () => void }) {
  const has = member.breakGlass !== undefined;
  if (!has && member.role === 'org-viewer') return null;
  return (
    <Menu.Item leftSection={has ? <IconHammerOff size={16} /> : <IconHammer size={16} />} onClick={act}>
      {has ? 'Take the right to break the glass…' : 'Let them break the glass…'}
    </Menu.Item>
  );
}

/** Asks before the right is granted or taken. */
export function GrantBreakGlassDialog(props: {
  readonly member: MemberView;
  readonly organization: string;
  readonly close: () => void;
}) {
  const { member, organization, close } = props;
  const { name } = member.user;
  const granted = member.breakGlass === undefined;
  const client = useQueryClient();
  const act = async () => {
    await breakGlassApi.grant(organization, member.user.id, granted);
    notifications.show({
      message: granted ? `${name} may break the glass.` : `${name} may not break the glass any more.`,
    });
    await client.invalidateQueries({ queryKey: ['organizations', organization] });
    await client.invalidateQueries({ queryKey: ['me'] });
  };
  return (
    <ConfirmDialog
      title={granted ? `Let ${name} break the glass?` : `Take the right from ${name}?`}
      action={granted ? 'Grant the right' : 'Take the right'}
      act={act}
      close={close}
    >
      <Text size="sm">
        {granted
          ? `With a reason that everybody sees, and for some minutes, the gates of an Environment’s policy then do not hold for merges by ${name}. No role has this right, yours included.`
          : `What ${name} has open ends at once.`}
      </Text>
    </ConfirmDialog>
  );
}
