import type { WebhookView } from '@catalyst/model/api/webhooks.ts';
import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { Section } from '../layout/Section.tsx';
import { ConfirmDialog } from '../organizations/ConfirmDialog.tsx';
import classes from '../organizations/Organizations.module.css';
import { DeliveriesDialog } from './DeliveriesDialog.tsx';
import { WebhookDialog } from './WebhookDialog.tsx';
import { WebhookRow } from './WebhookRow.tsx';
import { webhookQueries, webhooksApi } from './webhooks-api.ts';

type Doing =
  | { readonly what: 'create' }
  | { readonly what: 'edit' | 'remove' | 'deliveries'; readonly webhook: WebhookView };

/** Who outside is told what happens here. */
export function WebhooksSection({ organization }: { organization: string }) {
  const { data, error, refetch } = useQuery(webhookQueries.list(organization));
  const [doing, setDoing] = useState<Doing>();
  const close = () => setDoing(undefined);
  const create = (
    <Button
      variant="default"
      leftSection={<IconPlus size={16} />}
      onClick={() => setDoing({ what: 'create' })}
    >
      Create webhook
    </Button>
  );
  return (
    <Section
      title="Webhooks"
      lead="Signed messages to other systems about what happens here."
      flush
      actions={data && data.items.length > 0 ? create : null}
    >
      {error && !data ? (
        <Failure error={error} retry={() => void refetch()} compact />
      ) : !data ? (
        <BlockSkeleton rows={1} height={72} />
      ) : data.items.length === 0 ? (
        <EmptyState
          icon={<IconWebhook size={26} stroke={1.5} />}
          title="No webhooks"
          message="Create one to tell a chat, a build system or your own program of changes and pull requests."
        >
          {create}
        </EmptyState>
      ) : (
        <ul className={classes.list}>
          {data.items.map((webhook) => (
            <WebhookRow
              key={webhook.id}
              organization={organization}
              webhook={webhook}
              choose={(what) => setDoing({ what, webhook })}
            />
          ))}
        </ul>
      )}
      <Dialogs organization={organization} doing={doing} close={close} />
    </Section>
  );
}

function Dialogs(props: { organization: string; doing: Doing | undefined; close: () => void }) {
  const { organization, doing, close } = props;
  const client = useQueryClient();
  if (!doing) return null;
  if (doing.what === 'create')
    return <WebhookDialog organization={organization} webhook={undefined} close={close} />;
  const { webhook } = doing;
  if (doing.what === 'edit')
    return <WebhookDialog organization={organization} webhook={webhook} close={close} />;
  if (doing.what === 'deliveries')
    return <DeliveriesDialog organization={organization} webhook={webhook} close={close} />;
  const remove = async () => {
    await webhooksApi.remove(organization, webhook.id);
    notifications.show({ message: 'The webhook is gone.' });
    await client.invalidateQueries({ queryKey: webhookQueries.list(organization).queryKey });
  };
  return (
    <ConfirmDialog title="Delete this webhook?" action="Delete the webhook" act={remove} close={close}>
      <Text style={{ overflowWrap: 'anywhere' }}>
        <span className="mono">{webhook.url}</span> is told nothing any more, and its log of deliveries is
        deleted.
      </Text>
    </ConfirmDialog>
  );
}
