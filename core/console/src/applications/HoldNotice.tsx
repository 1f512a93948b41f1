import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { Button } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useRights } from '../session/use-rights.ts';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { HoldDialog } from './ActionDialog.tsx';
import classes from './ApplicationPage.module.css';

/** Why an Application does not change, who wanted that, since when, and the way out. */
export function HoldNotice({ view }: { view: ApplicationView }) {
  const { mayChange } = useRights();
  const [releasing, setReleasing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const holds = view.holds ?? [];
  if (holds.length === 0) return null;
  return (
    <section className={classes.hold} data-tone="purple" aria-label="On hold">
      <IconLock size={18} aria-hidden="true" className={classes.holdIcon} />
      <div className={classes.holdWords}>
        {holds.map((hold) => (
          <div key={`${hold.at ?? ''}${hold.reason}`}>
            <strong>On hold: {hold.reason}</strong>
            <div>
              {hold.by && <>By {hold.by}</>}
              {hold.at && (
                <>
                  {hold.by ? ', ' : 'Since '}
                  <RelativeTime at={hold.at} />
                </>
              )}
              {hold.by || hold.at ? '. ' : ''}
              Its version and shared configuration do not change until it is released.
            </div>
          </div>
        ))}
      </div>
      {mayChange(view.environment) && (
        <Button ref={button} variant="default" size="xs" onClick={() => setReleasing(true)}>
          Release…
        </Button>
      )}
      {releasing && (
        <HoldDialog action="release" view={view} opener={button} close={() => setReleasing(false)} />
      )}
    </section>
  );
}
