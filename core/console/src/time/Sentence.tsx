import { useEffect, useState } from 'react';
import { countDown, splitTimes } from './split-times.ts';

/** A sentence of the server; times that it names count down for the eye and stand still for the ear. */
export function Sentence({ text }: { text: string }) {
  return splitTimes(text).map((part) =>
    'at' in part ? <Countdown key={part.text} at={part.at} /> : <span key={part.text}>{part.text}</span>,
  );
}

function Countdown({ at }: { at: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= at) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [at]);
  const time = new Date(at).toLocaleTimeString();
  return (
    <>
      <time dateTime={new Date(at).toISOString()} title={time} aria-hidden="true" className="tabular">
        {countDown(at, now)}
      </time>
      <span className="visually-hidden">at {time}</span>
    </>
  );
}
