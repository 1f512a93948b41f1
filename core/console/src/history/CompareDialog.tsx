import { Alert, List, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/use-api.ts';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { FileChange } from '../plans/FileChange.tsx';
import { Fold } from '../plans/Fold.tsx';
import { ObjectChanges } from '../plans/ObjectChanges.tsx';

interface Of {
  readonly environment: string;
  readonly application: string;
  readonly from: string;
  readonly to: string;
}

/** Two revisions of an Application side by side: the objects that they render to, and their files. */
export function CompareDialog(props: Of & { readonly close: () => void }) {
  return (
    <Modal
      opened
      onClose={props.close}
      size="xl"
      title={
        <>
          From <code>{props.from.slice(0, 10)}</code> to <code>{props.to.slice(0, 10)}</code>
        </>
      }
    >
      <Compared {...props} />
    </Modal>
  );
}

function Compared({ environment, application, from, to }: Of) {
  const { data, error, refetch } = useQuery(queries.comparison(environment, application, from, to));
  if (error && !data) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data) return <BlockSkeleton rows={2} height={120} />;
  if (data.files.length + data.objects.length + data.problems.length === 0)
    return <EmptyState title="No difference" message="Both revisions say the same for this Environment." />;
  return (
    <Stack gap="sm">
      {data.problems.length > 0 && (
        <Alert color="yellow" title="Not everything can be rendered any more">
          <List size="sm">
            {data.problems.map((problem) => (
              <List.Item key={problem}>{problem}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {data.objects.length > 0 ? (
        <ObjectChanges objects={data.objects} open />
      ) : (
        data.problems.length === 0 && <Text size="sm">What runs is the same in both.</Text>
      )}
      {data.files.length > 0 && (
        <Fold title={data.files.length === 1 ? '1 file' : `${data.files.length} files`} open>
          {data.files.map((file) => (
            <FileChange key={file.path} file={file} open={data.files.length <= 3} />
          ))}
        </Fold>
      )}
    </Stack>
  );
}
