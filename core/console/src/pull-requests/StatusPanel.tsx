import type { PullRequestDetail } from '@catalyst/model/api/reviews.ts';
import { Alert, Anchor, Button, Text } from '@mantine/core';
import { IconCheck, IconGitMerge, IconMessageExclamation } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { useMe } from '../api/use-api.ts';
import { BreakGlassAction } from '../break-glass/BreakGlassAction.tsx';
import { Section } from '../layout/Section.tsx';
import { GateList } from '../plans/GateList.tsx';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { Sentence } from '../time/Sentence.tsx';
import { HowDecided } from '../verdicts/HowDecided.tsx';
import { AutoMerge } from './AutoMerge.tsx';
import { CloseDialog } from './CloseDialog.tsx';
import { MergeDialog } from './MergeDialog.tsx';
import classes from './PullRequests.module.css';
import { gatesBeside, shortRevision, whyNotMerge } from './pull-request-words.ts';
import { ReviewDialog } from './ReviewDialog.tsx';
import { changeWords, type Seen } from './seen.ts';
import { useSeen } from './use-seen.ts';
import { WatchNotice } from './WatchNotice.tsx';

/** Why it is or is not merged, its gates, and what the person can do; every verdict is on the content that was looked at. */
export function StatusPanel({ detail }: { detail: PullRequestDetail }) {
  const open = detail.state === 'open';
  return (
    <Section title={open ? 'What it waits for' : 'What became of it'}>
      <div className={classes.status}>
        <Text component="p" m={0} fw={550}>
          <Sentence text={detail.why} />
        </Text>
        {detail.gates.length > 0 && <GateList gates={gatesBeside(detail)} />}
        {open ? <Actions detail={detail} /> : <Outcome detail={detail} />}
        {detail.watch && <WatchNotice watch={detail.watch} />}
        <HowDecided detail={detail} />
      </div>
    </Section>
  );
}

function Outcome({ detail }: { detail: PullRequestDetail }) {
  const { environment, application, mergedAt, mergeRevision } = detail;
  if (detail.state !== 'merged') return null;
  return (
    <Text size="sm" component="p" m={0}>
      {mergedAt && (
        <>
          It reached <span className="mono">{detail.destination}</span> <RelativeTime at={mergedAt} />
        </>
      )}
      {mergeRevision && (
        <>
          {' '}
          as <code title={mergeRevision}>{shortRevision(mergeRevision)}</code>
        </>
      )}
      .{' '}
      <Anchor component={Link} to={`/environments/${environment}/applications/${application}`} inherit>
        See {application} in {environment}
      </Anchor>
    </Text>
  );
}

type Doing = 'approve' | 'request-changes' | 'merge' | 'close';

function Actions({ detail }: { detail: PullRequestDetail }) {
  const { seen, look } = useSeen(detail);
  const [doing, setDoing] = useState<Doing>();
  const me = useMe();
  const mine = detail.reviews.find(({ by }) => by.id === me?.user.id);
  const moved = detail.content !== seen.content;
  const { may } = detail;
  const whyNot = whyNotMerge(detail);
  const close = () => setDoing(undefined);
  // What is done in a dialog is done to the content that was looked at when it was opened.
  const panel = useReceivedFocus(doing === undefined);
  const given = { detail, seen, close };
  return (
    <>
      {moved && <Moved from={seen} detail={detail} look={look} />}
      <div ref={panel} tabIndex={-1} className={classes.actions}>
        <Button
          leftSection={<IconGitMerge size={17} />}
          disabled={!may.merge || moved}
          onClick={() => setDoing('merge')}
        >
          Merge
        </Button>
        {may.approve && !(mine && !mine.stale && mine.verdict === 'approve') && (
          <Button
            variant="default"
            leftSection={<IconCheck size={17} />}
            disabled={moved}
            onClick={() => setDoing('approve')}
          >
            Approve
          </Button>
        )}
        {may.approve && (
          <Button
            variant="default"
            leftSection={<IconMessageExclamation size={17} />}
            disabled={moved}
            onClick={() => setDoing('request-changes')}
          >
            Request changes
          </Button>
        )}
        <BreakGlassAction detail={detail} />
        {may.close && (
          <Button variant="subtle" color="gray" onClick={() => setDoing('close')}>
            Close
          </Button>
        )}
      </div>
      <AutoMerge detail={detail} seen={seen} moved={moved} />
      {!may.approve && may.approveWhyNot && (
        <Text size="sm" c="dimmed">
          You cannot review it: {may.approveWhyNot}
        </Text>
      )}
      {whyNot && (
        <Text size="sm" c="dimmed">
          {whyNot}
        </Text>
      )}
      {(doing === 'approve' || doing === 'request-changes') && <ReviewDialog verdict={doing} {...given} />}
      {doing === 'merge' && <MergeDialog {...given} />}
      {doing === 'close' && <CloseDialog detail={detail} close={close} />}
    </>
  );
}

/** What opened a dialog may be gone when that is done, and the focus with it; then the place of the buttons takes it. */
function useReceivedFocus(closed: boolean) {
  const place = useRef<HTMLDivElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (!closed) {
      wasOpen.current = true;
      return undefined;
    }
    if (!wasOpen.current) return undefined;
    wasOpen.current = false;
    const timer = setTimeout(() => {
      if (document.activeElement === document.body) place.current?.focus({ preventScroll: true });
    }, 50);
    return () => clearTimeout(timer);
  }, [closed]);
  return place;
}

function Moved({ from, detail, look }: { from: Seen; detail: PullRequestDetail; look: () => void }) {
  return (
    <Alert color="yellow" role="alert" title="It moved while you looked">
      {changeWords(detail) ?? 'Somebody pushed.'}{' '}
      {detail.head === from.head ? (
        'What it writes is another content than before.'
      ) : (
        <>
          The head is now <code>{shortRevision(detail.head)}</code>, it was{' '}
          <code>{shortRevision(from.head)}</code>.
        </>
      )}{' '}
      This page shows the new one; look at what is new before you review or merge it.
      <Button variant="default" size="xs" mt="xs" display="block" onClick={look}>
        I have looked at it
      </Button>
    </Alert>
  );
}
