import type { DeliveryView, WebhookView } from '@catalyst/model/api/webhooks.ts';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { problemsOf } from '../api/client.ts';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { useReturnFocus } from '../feedback/use-return-focus.ts';
import { ProblemList } from '../plans/ProblemList.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { formatDuration, outcomeOf } from './delivery-words.ts';
import classes from './Webhooks.module.css';
import { webhookQueries, webhooksApi } from './webhooks-api.ts';

/** Attempts to deliver, newest first; what failed can be sent again. */
export function DeliveriesDialog(props: {
  readonly organization: string;
  readonly webhook: WebhookView;
  readonly close: () => void;
}) {
  const { organization, webhook, close } = props;
  useReturnFocus();
  const question = webhookQueries.deliveries(organization, webhook.id);
  const { data, error, refetch } = useQuery(question);
  const client = useQueryClient();
  const sending = useMutation({
    mutationFn: (delivery: string | undefined) =>
      delivery === undefined
        ? webhooksApi.ping(organization, webhook.id)
        : webhooksApi.redeliver(organization, webhook.id, delivery),
    onSettled: () => client.invalidateQueries({ queryKey: question.queryKey }),
  });
  return (
    <Modal opened onClose={close} returnFocus={false} size="xl" title="Deliveries">
      <Stack>
        <Group gap="xs" justify="space-between">
          <Text size="sm" c="dimmed" className="mono" style={{ overflowWrap: 'anywhere' }}>
            {webhook.url}
          </Text>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconSend size={15} />}
            loading={sending.isPending && sending.variables === undefined}
            disabled={sending.isPending}
            onClick={() => sending.mutate(undefined)}
            data-autofocus
          >
            Send a ping
          </Button>
        </Group>
        {sending.error && <ProblemList title="It was not sent" problems={problemsOf(sending.error)} />}
        <p className="visually-hidden" aria-live="polite">
          {sending.data ? outcomeOf(sending.data).words : ''}
        </p>
        {error && !data ? (
          <Failure error={error} retry={() => void refetch()} compact />
        ) : !data ? (
          <BlockSkeleton rows={3} height={56} />
        ) : data.items.length === 0 ? (
          <EmptyState
            title="Nothing was sent yet"
            message="Attempts of the last seven days are listed here."
          />
        ) : (
          <ul className={classes.deliveries}>
            {data.items.map((delivery) => (
              <DeliveryRow
                key={`${delivery.id} ${delivery.attempt} ${delivery.at}`}
                delivery={delivery}
                busy={sending.isPending}
                again={() => sending.mutate(delivery.id)}
              />
            ))}
          </ul>
        )}
      </Stack>
    </Modal>
  );
}

function DeliveryRow(props: { delivery: DeliveryView; busy: boolean; again: () => void }) {
  const { delivery } = props;
  const { tone, words } = outcomeOf(delivery);
  return (
    <li className={classes.delivery} data-tone={tone}>
      <div className={classes.words}>
        <div>
          <strong>{delivery.event}</strong> <span className={classes.outcome}>{words}</span>
        </div>
        <div className={classes.meta}>
          <RelativeTime at={delivery.at} />
          <span>attempt {delivery.attempt}</span>
          <span>{formatDuration(delivery.durationMs)}</span>
          {delivery.nextAttemptAt && (
            <span>
              tried again <RelativeTime at={delivery.nextAttemptAt} />
            </span>
          )}
          <code>{delivery.id}</code>
        </div>
      </div>
      <Button
        variant="default"
        size="xs"
        disabled={props.busy}
        onClick={props.again}
        aria-label={`Send ${delivery.event} ${delivery.id} again`}
      >
        Send again
      </Button>
    </li>
  );
}
