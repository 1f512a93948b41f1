import type { VolumeView } from '@catalyst/model/api/applications.ts';
import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/api.ts';
import { queries } from '../api/use-api.ts';
import { ConfirmByName } from '../feedback/ConfirmByName.tsx';
import { Section } from '../layout/Section.tsx';
import classes from '../organizations/Organizations.module.css';
import { formatBytes } from '../plans/quantities.ts';

/** Data of uninstalled Applications: kept until somebody deletes it by name. */
export function VolumesSection({ environment, mayDelete }: { environment: string; mayDelete: boolean }) {
  const { data } = useQuery(queries.volumes(environment));
  const [deleting, setDeleting] = useState<VolumeView>();
  const kept = (data?.items ?? []).filter((item) => !item.inUse);
  if (kept.length === 0) return null;
  return (
    <Section
      title="Kept data"
      lead="Volumes of Applications that are no longer installed. Installing one again under the same name finds its data."
      flush
    >
      <ul className={classes.list}>
        {kept.map((item) => (
          <li key={`${item.application}/${item.claim}`} className={classes.row}>
            <div className={classes.rowWords}>
              <Text fw={600} className="mono">
                {item.application}/{item.claim}
              </Text>
              <Text size="sm" c="dimmed">
                {formatBytes(item.sizeBytes)} used
                {item.requestedBytes > 0 ? ` of ${formatBytes(item.requestedBytes)} asked for` : ''}
              </Text>
            </div>
            {mayDelete && (
              <Button
                variant="default"
                size="xs"
                onClick={() => setDeleting(item)}
                aria-label={`Delete the data ${item.application}/${item.claim}`}
              >
                Delete…
              </Button>
            )}
          </li>
        ))}
      </ul>
      {deleting && <DeleteVolume volume={deleting} close={() => setDeleting(undefined)} />}
    </Section>
  );
}

function DeleteVolume({ volume, close }: { volume: VolumeView; close: () => void }) {
  const client = useQueryClient();
  const deletion = useMutation({
    mutationFn: () => api.deleteVolume(volume.environment, volume.application, volume.claim),
    onSuccess: async () => {
      close();
      notifications.show({ message: `The data of ${volume.application}/${volume.claim} is deleted.` });
      await client.invalidateQueries({ queryKey: ['environments', volume.environment, 'volumes'] });
    },
  });
  return (
    <ConfirmByName
      opened
      close={close}
      title="Delete data for good"
      name={volume.claim}
      action="Delete for good"
      pending={deletion.isPending}
      error={deletion.error}
      confirm={() => deletion.mutate()}
    >
      <Text>
        {formatBytes(volume.sizeBytes)} of data of <strong>{volume.application}</strong> in{' '}
        {volume.environment} are deleted. There is no way back.
      </Text>
    </ConfirmByName>
  );
}
