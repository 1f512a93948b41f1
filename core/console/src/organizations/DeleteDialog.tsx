import type { DeletionView } from '@catalyst/model/api/organizations.ts';
import { Alert, List, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { queries } from '../api/use-api.ts';
import { ConfirmByName } from '../feedback/ConfirmByName.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { formatBytes } from '../plans/quantities.ts';

/** Says what deleting an Organization or Environment loses, and does it once the name is typed. */
export function DeleteDialog(props: {
  readonly opened: boolean;
  readonly close: () => void;
  readonly organization: string;
  readonly environment?: string;
  readonly remove: () => Promise<void>;
  readonly done: () => Promise<void>;
}) {
  const name = props.environment ?? props.organization;
  const loss = useQuery({
    ...queries.deletion(props.organization, props.environment),
    enabled: props.opened,
  });
  const deletion = useMutation({
    mutationFn: props.remove,
    onSuccess: async () => {
      notifications.show({
        message: `${name} is being deleted. It leaves the list when everything in it is gone.`,
      });
      await props.done();
    },
  });
  return (
    <ConfirmByName
      opened={props.opened}
      close={props.close}
      title={`Delete ${name}`}
      name={name}
      action="Delete for good"
      ready={loss.data !== undefined}
      pending={deletion.isPending}
      error={deletion.error}
      confirm={() => deletion.mutate()}
    >
      {loss.error ? (
        <Failure error={loss.error} retry={() => void loss.refetch()} compact />
      ) : loss.data ? (
        <Loss loss={loss.data} />
      ) : (
        <BlockSkeleton rows={1} height={110} />
      )}
    </ConfirmByName>
  );
}

function Loss({ loss }: { loss: DeletionView }) {
  const empty = [loss.applications, loss.environments, loss.repositories, loss.volumes].every(
    (list) => list.length === 0,
  );
  if (empty) return <Text>It is empty: nothing else is lost.</Text>;
  return (
    <Alert color="red" title="What is lost for good">
      <List size="sm" spacing={4}>
        <Lost title="Applications" names={loss.applications} />
        <Lost title="Environments" names={loss.environments} />
        <Lost title="Git repositories with their history" names={loss.repositories} />
        <Lost
          title="Data volumes"
          names={loss.volumes.map(
            (item) => `${item.application}/${item.claim} (${formatBytes(item.sizeBytes)})`,
          )}
        />
      </List>
    </Alert>
  );
}

function Lost({ title, names }: { title: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  const shown = names.slice(0, 20);
  return (
    <List.Item>
      <strong>
        {title} ({names.length}):
      </strong>{' '}
      <span style={{ overflowWrap: 'anywhere' }}>
        {shown.join(', ')}
        {names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}
      </span>
    </List.Item>
  );
}
