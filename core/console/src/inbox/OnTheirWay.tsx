import type { WaitingChanges } from '@catalyst/model/api/people.ts';
import { Text } from '@mantine/core';
import { Section } from '../layout/Section.tsx';
import { Sentence } from '../time/Sentence.tsx';
import classes from './Inbox.module.css';
import { WaitingBadge } from './WaitingBadge.tsx';

/** Applications that a pull request would bring and that are not here yet. Nothing where there are none. */
export function OnTheirWay({ changes }: { changes: readonly WaitingChanges['items'][number][] }) {
  if (changes.length === 0) return null;
  return (
    <Section title="On their way here" lead="A pull request would bring them." flush>
      <ul className={classes.list} aria-label="On their way here">
        {changes.map((change) => (
          <li key={change.application} className={classes.entry}>
            <div className={classes.head}>
              <Text fw={600}>{change.application}</Text>
              <WaitingBadge change={change} />
            </div>
            <p className={classes.why} data-tone="purple">
              <Sentence text={change.message} />
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
