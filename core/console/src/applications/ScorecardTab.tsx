import type { CriterionView, LostPointsView, Scorecard } from '@catalyst/model/api/scorecard.ts';
import { Anchor, Text } from '@mantine/core';
import { IconCircleCheck, IconHelpCircle, IconTargetArrow } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { EmptyState } from '../feedback/EmptyState.tsx';
import { Failure } from '../feedback/Failure.tsx';
import { BlockSkeleton } from '../feedback/PageSkeleton.tsx';
import { Section } from '../layout/Section.tsx';
import { useApplication } from './ApplicationPage.tsx';
import classes from './Scorecard.module.css';
import { scorecardQuery } from './scorecard-api.ts';
import { groupCriteria, placeOf, pointsWords, toneOf } from './scorecard-words.ts';

/** How reliable the Application is made: the RE score, what it is made of, and what would raise it. */
export function Component() {
  const { view } = useApplication();
  const { data, error, refetch } = useQuery(scorecardQuery(view));
  if (error && !data) return <Failure error={error} retry={() => void refetch()} compact />;
  if (!data) return <BlockSkeleton rows={4} height={110} />;
  if (data.score === undefined)
    return (
      <EmptyState
        icon={<IconTargetArrow size={26} stroke={1.5} />}
        role="status"
        title="No score"
        message={data.why}
      />
    );
  const { losing, met, leftOut } = groupCriteria(data);
  return (
    <div className={classes.page}>
      <Head card={data} score={data.score} />
      {losing.length > 0 && (
        <Section title="What loses points" flush>
          <CriterionList criteria={losing} />
        </Section>
      )}
      {met.length > 0 && (
        <Section title="Met" flush>
          <CriterionList criteria={met} />
        </Section>
      )}
      {leftOut.length > 0 && (
        <Section
          title="Left out"
          lead="What does not apply and what is not known neither gives nor costs points; the rest makes 100."
          flush
        >
          <CriterionList criteria={leftOut} />
        </Section>
      )}
    </div>
  );
}

function Head({ card, score }: { card: Scorecard; score: number }) {
  return (
    <section className={classes.head} aria-label="RE score" data-tone={toneOf(score / 100)}>
      <div className={classes.number}>
        <strong className="tabular">{score}</strong>
        <span>of 100</span>
      </div>
      <div className={classes.words}>
        <Bar share={score / 100} />
        <Text size="sm" c="dimmed">
          Of revision <span className="mono">{card.revision.slice(0, 10)}</span>
          {card.revision === card.appliedRevision ? '' : ', which is not rolled out yet'}.
        </Text>
        {card.cheapest.length > 0 && (
          <>
            <Text component="h2" size="sm" fw={600} mt="sm" mb={4}>
              Where to begin
            </Text>
            <ol className={classes.cheapest}>
              {card.cheapest.map((lost) => (
                <li key={`${lost.criterion} ${lost.object}`}>
                  <Fix lost={lost} />
                </li>
              ))}
            </ol>
          </>
        )}
      </div>
    </section>
  );
}

/** Shows what the words beside it say. */
function Bar({ share }: { share: number }) {
  return (
    <div className={classes.bar} aria-hidden="true">
      <span style={{ width: `${share * 100}%` }} />
    </div>
  );
}

function CriterionList({ criteria }: { criteria: readonly CriterionView[] }) {
  return (
    <ul className={classes.list}>
      {criteria.map((criterion) => (
        <Criterion key={criterion.id} criterion={criterion} />
      ))}
    </ul>
  );
}

const words: Readonly<Record<CriterionView['status'], string>> = {
  met: 'Met',
  partly: 'Partly met',
  lost: 'Not met',
  'not-applicable': 'Does not apply',
  unknown: 'Not known',
};

function Criterion({ criterion }: { criterion: CriterionView }) {
  const { title, status, points, earned, why, lost, lostMore } = criterion;
  const counts = points > 0;
  const tone = counts ? toneOf(status === 'met' ? 1 : earned / points) : 'grey';
  return (
    <li className={classes.row} data-tone={tone}>
      <div className={classes.title}>
        <h3>{title}</h3>
        <span className={classes.status}>
          {status === 'met' && <IconCircleCheck size={15} aria-hidden="true" />}
          {!counts && <IconHelpCircle size={15} aria-hidden="true" />}
          {words[status]}
        </span>
        {counts && <span className={`${classes.points} tabular`}>{pointsWords(criterion)}</span>}
      </div>
      {counts && status !== 'met' && <Bar share={earned / points} />}
      {why && <p className={classes.reason}>{why}</p>}
      {lost.length > 0 && (
        <ul className={classes.lost}>
          {lost.map((entry) => (
            <li key={entry.object}>
              <div>{entry.reason}</div>
              <Fix lost={entry} />
            </li>
          ))}
          {lostMore > 0 && <li>And {lostMore} more.</li>}
        </ul>
      )}
      <Rule criterion={criterion} />
    </li>
  );
}

function Fix({ lost }: { lost: LostPointsView }) {
  const { view } = useApplication();
  const { environment, name: application, blueprint } = view;
  const place = placeOf(lost.fix.way, { environment, application, blueprint: blueprint.name });
  return (
    <div className={classes.fix}>
      {lost.fix.sentence} <span className={`${classes.gain} tabular`}>+{lost.points}</span>
      {place && (
        <>
          {' '}
          <Anchor component={Link} to={place.to} inherit>
            {place.label}
          </Anchor>
        </>
      )}
    </div>
  );
}

function Rule({ criterion }: { criterion: CriterionView }) {
  return (
    <details className={classes.rule}>
      <summary>
        The rule<span className="visually-hidden"> of {criterion.title}</span>
      </summary>
      <p>
        It looks at {criterion.applies}. {criterion.rule.replaceAll('`', '')} Its weight is {criterion.weight}
        .
      </p>
      <ul>
        {criterion.sources.map(({ title, url }) => (
          <li key={url}>
            <Anchor href={url} target="_blank" rel="noreferrer noopener" inherit>
              {title}
            </Anchor>
          </li>
        ))}
      </ul>
    </details>
  );
}
