import type { ChangeView } from '@catalyst/model/api/history.ts';
import { Anchor, Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { Sentence } from '../time/Sentence.tsx';
import classes from './History.module.css';
import { outcomeLook } from './outcome-looks.ts';
import { readMessage } from './read-message.ts';

const surfaces: Readonly<Record<string, string>> = {
  console: 'console',
  git: 'git push',
  api: 'API',
  system: 'Catalyst',
};

/** One change: what, why, who pushed it, when, how, and what became of it. */
export function ChangeRow(props: {
  readonly change: ChangeView;
  /** It is what runs now. */
  readonly current: boolean;
  /** Names the Application, where the list is of several. */
  readonly named?: boolean;
  readonly chosen?: boolean;
  readonly choose?: () => void;
  readonly actions?: ReactNode;
}) {
  const { change } = props;
  const { subject, body } = readMessage(change.message);
  return (
    <li className={classes.commit} data-chosen={props.chosen === true}>
      <span className={classes.mark} aria-hidden="true" />
      <div className={classes.words}>
        <div className={classes.subject}>
          {props.named && (
            <>
              <Anchor
                component={Link}
                to={`/environments/${change.environment}/applications/${change.application}/history`}
                inherit
              >
                {change.application}
              </Anchor>{' '}
            </>
          )}
          {subject}
        </div>
        {body !== '' && <div className={classes.body}>{body}</div>}
        <Meta change={change} />
        <OutcomeLine change={change} current={props.current} />
        {props.actions && <div className={classes.actions}>{props.actions}</div>}
      </div>
      <div className={classes.revision}>
        <code title={change.revision}>{change.revision.slice(0, 10)}</code>
        {props.choose && (
          <Checkbox
            size="xs"
            label="Compare"
            aria-label={`Compare ${change.revision.slice(0, 10)}, ${subject}`}
            checked={props.chosen === true}
            onChange={props.choose}
          />
        )}
      </div>
    </li>
  );
}

function Meta({ change }: { change: ChangeView }) {
  const { pusher, author } = change;
  return (
    <div className={classes.meta}>
      <span>{pusher?.name ?? author.name}</span>
      {pusher && <span>by {surfaces[pusher.surface] ?? pusher.surface}</span>}
      {pusher && pusher.name !== author.name && (
        <span title="Whatever the client of the author wrote; nobody checks it.">
          author in Git: {author.name}
        </span>
      )}
      <RelativeTime at={change.time} />
      {change.blueprint && (
        <span className="mono">
          {change.blueprint.name} @ {change.blueprint.version}
        </span>
      )}
      {(change.parents?.length ?? 0) > 1 && <span>merge</span>}
      {change.pullRequest !== undefined && (
        <Anchor
          component={Link}
          to={`/organizations/${change.organization}/pull-requests/${change.application}/${change.pullRequest}`}
          inherit
        >
          pull request #{change.pullRequest}
        </Anchor>
      )}
    </div>
  );
}

function OutcomeLine({ change, current }: { change: ChangeView; current: boolean }) {
  const { outcome } = change;
  if (!outcome)
    return current ? (
      <div className={classes.outcome} data-tone="green">
        applied
      </div>
    ) : null;
  const look = outcomeLook(outcome.state, current);
  return (
    <div className={classes.outcome} data-tone={look.tone}>
      <span aria-hidden="true">{look.glyph}</span> {look.word}
      {outcome.settledAt && outcome.state !== 'pending' && (
        <span className={classes.settled}>
          {' '}
          <RelativeTime at={outcome.settledAt} />
        </span>
      )}
      {outcome.reason && (
        <span className={classes.reason}>
          : <Sentence text={outcome.reason} />
        </span>
      )}
    </div>
  );
}
