import type { BackflowOffer, Lane } from '@catalyst/model/api/lanes.ts';
import { Anchor, Button, Group } from '@mantine/core';
import { IconArrowBack } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { problemsOf } from '../api/client.ts';
import { Section } from '../layout/Section.tsx';
import { Fold } from '../plans/Fold.tsx';
import { ProblemList } from '../plans/ProblemList.tsx';
import { useRights } from '../session/use-rights.ts';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { DeclineDialog } from './DeclineDialog.tsx';
import classes from './Lane.module.css';
import { canAccept, splitOffers } from './lane-words.ts';
import { laneQueries, lanesApi } from './lanes-api.ts';

/** Changes that were made first in a higher Environment, until they are in the lower ones or declined. Nothing where there are none. */
export function BackflowSection({ lane }: { lane: Lane }) {
  if (lane.backflow.length === 0) return null;
  const { open, declined } = splitOffers(lane.backflow);
  const row = (offer: BackflowOffer) => (
    <li key={`${offer.from} ${offer.to} ${offer.fingerprint}`} className={classes.offer}>
      <Offer offer={offer} organization={lane.organization} />
    </li>
  );
  return (
    <Section
      title="Changed first in a higher Environment"
      lead="What a lower Environment lacks is undone or asked about by later promotions. Bring it there, or say why not."
    >
      {open.length > 0 && <ul className={classes.offers}>{open.map(row)}</ul>}
      {declined.length > 0 && (
        <Fold title="Declined" note={String(declined.length)} open={false}>
          <ul className={classes.offers}>{declined.map(row)}</ul>
        </Fold>
      )}
    </Section>
  );
}

function Offer({ offer, organization }: { offer: BackflowOffer; organization: string }) {
  const { application, from, to, commits, files, conflicts, declined } = offer;
  return (
    <>
      <div className={classes.offerHead}>
        <IconArrowBack size={18} aria-hidden="true" className={classes.offerIcon} />
        <div>
          <strong>
            From {from} to {to}
          </strong>
          <ul className={classes.files}>
            {commits.map(({ revision, subject, by, time }) => (
              <li key={revision}>
                <code>{revision.slice(0, 10)}</code> {subject}{' '}
                <span className={classes.note}>
                  {by}, <RelativeTime at={time} />
                </span>
              </li>
            ))}
            <li className={classes.note}>{[...files, ...conflicts].join(', ')}</li>
          </ul>
          {conflicts.length > 0 && (
            <p data-tone="red" className={classes.toned}>
              {to} changed {conflicts.join(', ')} too. Make the change on a branch of your own and open a pull
              request, or decline it.
            </p>
          )}
          {declined && (
            <p className={classes.note}>
              Declined by {declined.by.name}, <RelativeTime at={declined.at} />: {declined.reason}
            </p>
          )}
        </div>
      </div>
      {offer.pullRequest === undefined ? (
        <OfferActions offer={offer} organization={organization} />
      ) : (
        <Anchor
          component={Link}
          size="sm"
          to={`/organizations/${organization}/pull-requests/${application}/${offer.pullRequest}`}
        >
          Proposed in #{offer.pullRequest}
        </Anchor>
      )}
    </>
  );
}

function OfferActions({ offer, organization }: { offer: BackflowOffer; organization: string }) {
  const { application, from, to } = offer;
  const { may, mayChange } = useRights();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [declining, setDeclining] = useState(false);
  const { queryKey } = laneQueries.lane(organization, application);
  const accepting = useMutation({
    mutationFn: () => lanesApi.accept(organization, application, { from, to }),
    onSuccess: ({ number }) => {
      void client.invalidateQueries({ queryKey: ['organizations', organization] });
      void navigate(`/organizations/${organization}/pull-requests/${application}/${number}`);
    },
    onError: () => void client.invalidateQueries({ queryKey }),
  });
  if (!may('pull-request.write', organization)) return null;
  return (
    <>
      {accepting.error && <ProblemList title="It was not proposed" problems={problemsOf(accepting.error)} />}
      <Group gap="xs">
        {canAccept(offer) && (
          <Button
            size="xs"
            loading={accepting.isPending}
            onClick={() => accepting.mutate()}
            aria-label={`Accept the change of ${from} for ${to}`}
          >
            Accept
          </Button>
        )}
        {!offer.declined && mayChange(to) && (
          <Button
            size="xs"
            variant="default"
            onClick={() => setDeclining(true)}
            aria-label={`Decline the change of ${from} for ${to}`}
          >
            Decline
          </Button>
        )}
      </Group>
      {declining && (
        <DeclineDialog offer={offer} organization={organization} close={() => setDeclining(false)} />
      )}
    </>
  );
}
