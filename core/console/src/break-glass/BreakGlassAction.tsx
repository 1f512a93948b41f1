import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Button } from '@mantine/core';
import { IconHammer } from '@tabler/icons-react';
import { useState } from 'react';
import { BreakGlassDialog } from './BreakGlassDialog.tsx';

/** The way past closed gates, for those who have that right. */
export function BreakGlassAction({ detail }: { detail: PullRequestDetail }) {
  const [asking, setAsking] = useState(false);
  if (!detail.may.breakGlass && !asking) return null;
  return (
    <>
      <Button
        variant="subtle"
        color="red"
        leftSection={<IconHammer size={17} />}
        onClick={() => setAsking(true)}
      >
        Break the glass…
      </Button>
      {asking && <BreakGlassDialog environment={detail.environment} close={() => setAsking(false)} />}
    </>
  );
}
