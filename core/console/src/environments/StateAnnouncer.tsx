import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { useEffect, useRef, useState } from 'react';

/** Says changes of state aloud for those who do not see the cards move. */
export function StateAnnouncer({
  applications,
  known,
}: {
  applications: ReadonlyMap<string, ApplicationView>;
  known: boolean;
}) {
  const before = useRef<ReadonlyMap<string, ApplicationView>>(undefined);
  const [words, setWords] = useState('');
  useEffect(() => {
    if (!known) return;
    const last = before.current;
    before.current = applications;
    if (!last || last === applications) return;
    const changes = [...applications.values()]
      .filter((item) => last.get(item.name)?.state !== item.state)
      .map((item) => `${item.name} is ${item.state.toLowerCase()}`);
    const gone = [...last.keys()].filter((name) => !applications.has(name)).map((name) => `${name} is gone`);
    const all = [...changes, ...gone];
    if (all.length > 0) setWords(`${all.slice(0, 5).join(', ')}.`);
  }, [applications, known]);
  return (
    <p className="visually-hidden" aria-live="polite">
      {words}
    </p>
  );
}
