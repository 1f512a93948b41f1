import { Button } from '@mantine/core';
import { IconArrowForwardUp } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useEnvironment } from '../environments/EnvironmentLayout.tsx';
import { promotePath } from './promotion-address.ts';
import { useNextEnvironment } from './use-next-environment.ts';

/** Leads to where Applications of the Environment are chosen and promoted together, for those who may. */
export function PromoteSeveralButton() {
  const { environment, state } = useEnvironment();
  const { destination, may } = useNextEnvironment(environment);
  if (destination === undefined || !may || state.applications.size === 0) return null;
  return (
    <Button
      component={Link}
      to={promotePath(destination, { from: environment })}
      variant="default"
      leftSection={<IconArrowForwardUp size={17} />}
    >
      Promote several
    </Button>
  );
}
