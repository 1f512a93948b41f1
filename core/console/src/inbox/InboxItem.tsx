import type { InboxEntry } from '@catalyst/model/api/people.ts';
import { Button, Text, Title } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconExternalLink } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { Link } from 'react-router';
import badge from '../environments/StateBadge.module.css';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { Sentence } from '../time/Sentence.tsx';
import { Decide } from './Decide.tsx';
import classes from './Inbox.module.css';
import { lookOf } from './inbox-words.ts';

/** One thing that waits: what, where, since when, why, and the place to decide it. */
export function InboxItem({ entry }: { entry: InboxEntry }) {
  const { word, tone } = lookOf(entry.kind);
  const [open, setOpen] = useState(false);
  const id = useId();
  const { organization, application, number } = entry;
  const decidable =
    application !== undefined && number !== undefined && entry.may.some((act) => act !== 'open');
  return (
    <li className={classes.entry} aria-labelledby={`${id}title`} data-entry={entry.id}>
      <div className={classes.head}>
        <Title order={3} id={`${id}title`}>
          {entry.title}
        </Title>
        <span className={badge.badge} data-tone={tone}>
          {word}
        </span>
      </div>
      <div className={classes.meta}>
        {application !== undefined && (
          <span>
            {application} {number !== undefined && `#${number}`}
          </span>
        )}
        {entry.environment !== undefined && (
          <span>
            for <span className="mono">{entry.environment}</span>
          </span>
        )}
        {entry.by !== undefined && <span>by {entry.by}</span>}
        <span>
          waits since <RelativeTime at={entry.since} />
        </span>
      </div>
      <p className={classes.why} data-tone={tone}>
        <Text inherit span>
          <Sentence text={entry.why} />
        </Text>
      </p>
      <div className={classes.buttons}>
        {decidable && (
          <Button
            variant={open ? 'default' : 'filled'}
            aria-expanded={open}
            aria-controls={`${id}decide`}
            rightSection={open ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
            onClick={() => setOpen(!open)}
          >
            {open ? 'Not now' : 'Look and decide'}
          </Button>
        )}
        <Button
          component={Link}
          to={entry.path}
          variant={decidable ? 'subtle' : 'default'}
          leftSection={<IconExternalLink size={16} />}
        >
          Open
          <span className="visually-hidden"> {entry.title}</span>
        </Button>
      </div>
      <div id={`${id}decide`} hidden={!open}>
        {open && decidable && <Decide of={{ organization, application, number }} path={entry.path} />}
      </div>
    </li>
  );
}
