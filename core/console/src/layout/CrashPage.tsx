import { Button, Code } from '@mantine/core';
import { IconMoodSad } from '@tabler/icons-react';
import { useRouteError } from 'react-router';
import { messageOf } from '../api/client.ts';
import { EmptyState } from '../feedback/EmptyState.tsx';

/** Stands where a page broke. A part that could not be loaded is one of an older version, or the connection broke: loading anew mends it. */
export function CrashPage() {
  const error = useRouteError();
  const unloaded =
    error instanceof Error && /dynamically imported module|Importing a module/i.test(error.message);
  return (
    <EmptyState
      role="alert"
      icon={<IconMoodSad size={26} stroke={1.5} />}
      title={unloaded ? 'A part of the console could not be loaded' : 'This page broke'}
      message={
        unloaded ? (
          'Either the connection broke, or Catalyst was updated meanwhile. Loading again mends both.'
        ) : (
          <>
            It is our mistake, and nothing was changed by it. <Code>{messageOf(error).slice(0, 300)}</Code>
          </>
        )
      }
    >
      <Button variant="default" onClick={() => window.location.reload()}>
        Load again
      </Button>
    </EmptyState>
  );
}
