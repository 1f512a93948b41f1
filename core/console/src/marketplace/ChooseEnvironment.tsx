import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { Anchor, Modal, NavLink, Stack, Text } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { queries } from '../api/use-api.ts';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { explanationOf } from '../organizations/environment-types.ts';
import { useRights } from '../session/use-rights.ts';

/** Asks where a Blueprint is to be installed; offers only Environments that the person may change. */
export function ChooseEnvironment(props: {
  readonly opened: boolean;
  readonly close: () => void;
  readonly title: string;
  readonly choose: (environment: string) => void;
}) {
  const rights = useRights();
  const { data } = useQuery({ ...queries.organizations, enabled: props.opened });
  const organizations = (data?.items ?? [])
    .map((entry) => ({ ...entry, environments: entry.environments.filter(rights.mayChange) }))
    .filter((entry) => entry.environments.length > 0);
  return (
    <Modal opened={props.opened} onClose={props.close} title={`Install ${props.title} in`}>
      {!data ? (
        <BlockSkeleton rows={2} height={44} />
      ) : organizations.length === 0 ? (
        <Text>
          There is no Environment that you may change yet.{' '}
          {rights.sovereignAdmin ? (
            <Anchor component={Link} to="/organizations/new">
              Create an Organization
            </Anchor>
          ) : (
            'Ask an administrator of your Organization.'
          )}
        </Text>
      ) : (
        <Stack gap="md">
          {organizations.map((entry) => (
            <div key={entry.name}>
              <Text size="sm" c="dimmed" mb={4}>
                {entry.displayName ?? entry.name}
              </Text>
              {entry.environments.map((environment) => (
                <NavLink
                  key={environment}
                  component="button"
                  label={environment}
                  description={explanationOf(parseEnvironmentName(environment)?.envType)}
                  rightSection={<IconChevronRight size={16} aria-hidden="true" />}
                  onClick={() => props.choose(environment)}
                />
              ))}
            </div>
          ))}
        </Stack>
      )}
    </Modal>
  );
}
