import { Drawer, List, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { statusOf } from '../api/client.ts';
import { queries } from '../api/use-api.ts';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { ObjectChanges } from '../plans/ObjectChanges.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';

interface Of {
  readonly environment: string;
  readonly application: string;
  readonly revision: string;
}

/** What was planned when a change was made. */
export function PlanDrawer(props: Of & { readonly close: () => void }) {
  return (
    <Drawer
      opened
      onClose={props.close}
      position="right"
      size="xl"
      title={`Plan of ${props.revision.slice(0, 10)}`}
      styles={{ title: { fontWeight: 620 } }}
    >
      <PlanThen {...props} />
    </Drawer>
  );
}

function PlanThen({ environment, application, revision }: Of) {
  const { data, error, refetch } = useQuery(queries.planAtTheTime(environment, application, revision));
  if (error && !data)
    return statusOf(error) === 404 ? (
      <EmptyState
        title="No plan was kept"
        message="This change was not made from a plan, as with a push, or its plan is too old."
      />
    ) : (
      <Failure error={error} retry={() => void refetch()} compact />
    );
  if (!data) return <BlockSkeleton rows={3} />;
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        Made by {data.madeBy} <RelativeTime at={data.madeAt} />. This is what was foreseen then.
      </Text>
      {data.consequences.length > 0 && (
        <List size="sm" spacing={4}>
          {data.consequences.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      )}
      {data.applications.map((part) => (
        <section key={part.application} aria-label={part.application}>
          <Title order={3}>{part.application}</Title>
          {part.objects.length === 0 ? (
            <Text size="sm" c="dimmed">
              No object changed.
            </Text>
          ) : (
            <ObjectChanges objects={part.objects} open />
          )}
        </section>
      ))}
    </Stack>
  );
}
