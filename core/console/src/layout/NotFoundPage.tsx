import { Button } from '@mantine/core';
import { IconMapSearch } from '@tabler/icons-react';
import { Link } from 'react-router';
import { EmptyState } from '../feedback/EmptyState.tsx';

/** An address that leads nowhere. */
export function NotFoundPage() {
  return (
    <>
      <title>Not found · Catalyst</title>
      <EmptyState
        icon={<IconMapSearch size={26} stroke={1.5} />}
        title="There is no page at this address"
        message="It may have moved, or the link was cut off."
      >
        <Button component={Link} to="/" variant="default">
          Go to the start
        </Button>
      </EmptyState>
    </>
  );
}
