import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Anchor, List } from '@mantine/core';
import { Link } from 'react-router';
import { Section } from '../layout/Section.tsx';
import { promotePath } from '../promotion/promotion-address.ts';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { DecisionForm } from './DecisionForm.tsx';
import classes from './PullRequests.module.css';
import { shortRevision } from './pull-request-words.ts';

type Promotion = NonNullable<PullRequestDetail['promotion']>;

/** What a promotion brings and leaves, what must be decided about it, and what was. */
export function PromotionNotice(props: {
  readonly detail: PullRequestDetail;
  readonly promotion: Promotion;
}) {
  const { detail, promotion } = props;
  const { application, environment, conflicts } = detail;
  const inOverlay = conflicts.filter((path) => path.startsWith('overlays/'));
  return (
    <Section
      title={
        <>
          Promotion from {promotion.from} at <code>{shortRevision(promotion.revision)}</code>
        </>
      }
    >
      <List size="sm" spacing={4}>
        <List.Item>
          The settings of {environment} (<span className="mono">overlays/</span>) and{' '}
          <span className="mono">CODEOWNERS</span> stay as they are there
          {promotion.first ? ', but for what it brings of them because it is new there.' : '.'}
        </List.Item>
        <List.Item>Data and secrets do not travel.</List.Item>
        <List.Item>
          It stays at this revision when {promotion.from} moves on.{' '}
          {detail.state === 'open' && (
            <>
              To take what is there now, or to decide anew,{' '}
              <Anchor
                component={Link}
                to={promotePath(environment, { from: promotion.from, applications: [application] })}
                inherit
              >
                plan it anew
              </Anchor>
              .
            </>
          )}
        </List.Item>
        {inOverlay.length > 0 && (
          <List.Item>
            What it would write of the settings was changed in {environment} meanwhile ({inOverlay.join(', ')}
            ): plan it anew.
          </List.Item>
        )}
      </List>
      {promotion.undecided.length > 0 && detail.state === 'open' && (
        <DecisionForm key={keyOf(promotion)} detail={detail} promotion={promotion} />
      )}
      {promotion.decided.length > 0 && <Decided detail={detail} promotion={promotion} />}
    </Section>
  );
}

/** Another content asks anew. */
function keyOf({ revision, differences }: Promotion): string {
  return JSON.stringify([revision, differences.map(({ path, before }) => [path, before])]);
}

function Decided({ detail, promotion }: { detail: PullRequestDetail; promotion: Promotion }) {
  const open = new Set(promotion.undecided.map(({ path }) => path));
  return (
    <ul className={classes.entries} aria-label="Decided" style={{ marginTop: '1rem' }}>
      {promotion.decided.map(({ path, take, by, at }) => (
        <li key={path}>
          <span className="mono">{path}</span>:{' '}
          {take === 'source'
            ? `what ${promotion.from} has is taken`
            : `what ${detail.environment} has is kept`}
          , {open.has(path) ? 'decided about another content' : 'decided'} by {by.name}{' '}
          <RelativeTime at={at} />
        </li>
      ))}
    </ul>
  );
}
