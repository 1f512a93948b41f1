import { useEffect, useState } from 'react';
import classes from './ConnectionIndicator.module.css';
import type { Connection } from './environment-stream.ts';

/** Says whether the page is live. A short interruption heals before anybody is told. */
export function ConnectionIndicator({ connection }: { connection: Connection }) {
  const [shown, setShown] = useState(connection);
  useEffect(() => {
    const timer = setTimeout(() => setShown(connection), connection === 'lost' ? 1200 : 0);
    return () => clearTimeout(timer);
  }, [connection]);
  const words = {
    connecting: 'Connecting…',
    live: 'Live',
    lost: 'Connection lost. Trying again; this may be out of date.',
  }[shown];
  return (
    <span className={classes.indicator} data-connection={shown} role="status" aria-live="polite">
      <span className={classes.dot} aria-hidden="true" />
      {words}
    </span>
  );
}
