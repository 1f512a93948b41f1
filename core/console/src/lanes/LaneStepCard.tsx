import type { LaneStep, OverlayValue } from '@catalyst/model/api/lanes.ts';
import { Anchor, Button } from '@mantine/core';
import { IconArrowRight, IconGitPullRequest } from '@tabler/icons-react';
import { Link } from 'react-router';
import { toYaml } from '../applications/to-yaml.ts';
import { FieldChanges } from '../plans/FieldChanges.tsx';
import { Fold } from '../plans/Fold.tsx';
import { useRights } from '../session/use-rights.ts';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { Sentence } from '../time/Sentence.tsx';
import classes from './Lane.module.css';
import { aheadWords, promotePath } from './lane-words.ts';

interface StepProps {
  readonly step: LaneStep;
  readonly organization: string;
  readonly application: string;
}

/** What lies between two neighbours: how far apart they are, the way to promote, and what an open promotion waits for. */
export function LaneStepCard({ step, organization, application }: StepProps) {
  const { mayChange } = useRights();
  const { from, to, promotable, why, pullRequest } = step;
  return (
    <section className={classes.step} aria-label={`From ${from} to ${to}`}>
      <div className={classes.arrow}>
        <strong>{aheadWords(step)}</strong>
        <IconArrowRight size={22} aria-hidden="true" className={classes.arrowIcon} />
      </div>
      <p className={classes.note}>{why}</p>
      {pullRequest && (
        <OpenPromotion pullRequest={pullRequest} organization={organization} application={application} />
      )}
      {promotable && mayChange(to) && (
        <Button
          component={Link}
          to={promotePath(application, step)}
          size="xs"
          variant={pullRequest && !pullRequest.behind ? 'default' : 'filled'}
          aria-label={`Promote ${application} from ${from} to ${to}`}
        >
          Promote
        </Button>
      )}
      <Files step={step} />
      <Settings step={step} />
    </section>
  );
}

function OpenPromotion(props: {
  readonly pullRequest: NonNullable<LaneStep['pullRequest']>;
  readonly organization: string;
  readonly application: string;
}) {
  const { number, title, behind, waitsFor } = props.pullRequest;
  return (
    <div className={classes.proposal} data-tone={waitsFor ? 'amber' : 'green'}>
      <Anchor
        component={Link}
        to={`/organizations/${props.organization}/pull-requests/${props.application}/${number}`}
        size="sm"
        fw={550}
      >
        <IconGitPullRequest size={14} aria-hidden="true" /> #{number} {title}
      </Anchor>
      <div>
        {waitsFor ? <Sentence text={waitsFor.reason} /> : 'Every gate is open: it can be merged.'}
        {waitsFor?.until && (
          <>
            {' '}
            It opens <RelativeTime at={waitsFor.until} />.
          </>
        )}
      </div>
      {behind && <div className={classes.note}>The source has moved on since it was opened.</div>}
    </div>
  );
}

function Files({ step: { files, fileCount, conflicts, own } }: { step: LaneStep }) {
  if (fileCount + conflicts.length + own.length === 0) return null;
  const more = fileCount - files.length;
  return (
    <Fold title="Files" note={String(fileCount + conflicts.length + own.length)} open={false}>
      <ul className={classes.files}>
        {files.map(({ path, change }) => (
          <li key={path}>
            <code>{path}</code> <span className={classes.note}>{change}</span>
          </li>
        ))}
        {more > 0 && <li className={classes.note}>and {more} more</li>}
        {conflicts.map((path) => (
          <li key={`conflict ${path}`} data-tone="red">
            <code>{path}</code> <span className={classes.toned}>changed in both</span>
          </li>
        ))}
        {own.map((path) => (
          <li key={`own ${path}`} data-tone="amber">
            <code>{path}</code> <span className={classes.toned}>changed in the destination</span>
          </li>
        ))}
      </ul>
    </Fold>
  );
}

function Settings({ step: { from, to, settings } }: { step: LaneStep }) {
  const { base, overlays } = settings;
  if (base.length + overlays.length === 0) return null;
  return (
    <Fold
      title="Settings"
      note={base.length === 0 ? 'shared ones are the same' : `${base.length} differ`}
      open={false}
    >
      {base.length > 0 && (
        <>
          <p className={classes.note}>
            Shared: {to} has, {from} has
          </p>
          <FieldChanges fields={base} />
        </>
      )}
      {overlays.length > 0 && <Overlays from={from} to={to} values={overlays} />}
    </Fold>
  );
}

function Overlays(props: { from: string; to: string; values: readonly OverlayValue[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: long values scroll, also by keyboard.
    <section className={classes.table} aria-label="Set for one Environment alone" tabIndex={0}>
      <table>
        <caption>Set for one Environment alone</caption>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">{props.from}</th>
            <th scope="col">{props.to}</th>
          </tr>
        </thead>
        <tbody>
          {props.values.map((value) => (
            <tr key={value.path}>
              <th scope="row">{value.path}</th>
              <td>{textOf(value.from)}</td>
              <td>{textOf(value.to)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function textOf(value: unknown): string {
  if (value === undefined) return '–';
  return typeof value === 'string' && value !== '' ? value : toYaml(value).trimEnd();
}
