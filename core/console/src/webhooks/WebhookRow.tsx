import type { WebhookView } from '@catalyst/model/api/webhooks.ts';
import { ActionIcon, Badge, Button, Group, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import {
  IconDots,
  IconEdit,
  IconPlayerPause,
  IconPlayerPlay,
  IconSend,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { messageOf } from '../api/client.ts';
import classes from '../organizations/Organizations.module.css';
import { outcomeOf } from './delivery-words.ts';
import { webhookQueries, webhooksApi } from './webhooks-api.ts';

/** One webhook: where it leads, what it tells, and whether it still does. */
export function WebhookRow(props: {
  readonly organization: string;
  readonly webhook: WebhookView;
  readonly choose: (what: 'edit' | 'remove' | 'deliveries') => void;
}) {
  const { organization, webhook, choose } = props;
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: webhookQueries.list(organization).queryKey });
  const failed = (error: unknown) => notifications.show({ color: 'red', message: messageOf(error) });
  const pinging = useMutation({
    mutationFn: () => webhooksApi.ping(organization, webhook.id),
    onSuccess: async (delivery) => {
      const { tone, words } = outcomeOf(delivery);
      notifications.show({ color: tone === 'green' ? 'green' : 'red', title: 'Ping', message: words });
      await refresh();
    },
    onError: failed,
  });
  const switching = useMutation({
    mutationFn: (active: boolean) => webhooksApi.change(organization, webhook.id, { active }),
    onSuccess: refresh,
    onError: failed,
  });
  return (
    <li className={classes.row}>
      <div className={classes.rowWords}>
        <Group gap={8}>
          <Text fw={600} className="mono">
            {webhook.url}
          </Text>
          {!webhook.active && (
            <Badge variant="light" color="red" tt="none" fw={500} c="var(--red)">
              switched off
            </Badge>
          )}
        </Group>
        {webhook.description && <Text size="sm">{webhook.description}</Text>}
        {webhook.disabledReason && (
          <Text size="sm" c="var(--red)">
            {webhook.disabledReason}
          </Text>
        )}
        <Text size="sm" c="dimmed">
          {webhook.events.join(', ')}
        </Text>
      </div>
      <div className={classes.rowEnd}>
        <Button
          variant="default"
          size="xs"
          onClick={() => choose('deliveries')}
          aria-label={`Deliveries to ${webhook.url}`}
        >
          Deliveries
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon
              variant="subtle"
              color="gray"
              loading={pinging.isPending || switching.isPending}
              aria-label={`More for ${webhook.url}`}
            >
              <IconDots size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconSend size={16} />} onClick={() => pinging.mutate()}>
              Send a ping
            </Menu.Item>
            <Menu.Item leftSection={<IconEdit size={16} />} onClick={() => choose('edit')}>
              Edit…
            </Menu.Item>
            <Menu.Item
              leftSection={webhook.active ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
              onClick={() => switching.mutate(!webhook.active)}
            >
              {webhook.active ? 'Switch off' : 'Switch on again'}
            </Menu.Item>
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => choose('remove')}>
              Delete…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </li>
  );
}
