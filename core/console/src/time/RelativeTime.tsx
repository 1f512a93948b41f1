import { useEffect, useState } from 'react';
import { relativeTime } from './relative-time.ts';

/** A time as people say it, with the exact one on hover; keeps itself up to date. */
export function RelativeTime({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  const then = Date.parse(at);
  if (Number.isNaN(then)) return <span>{at}</span>;
  return (
    <time dateTime={at} title={new Date(then).toLocaleString()}>
      {relativeTime(then, Math.max(now, Date.now()))}
    </time>
  );
}
