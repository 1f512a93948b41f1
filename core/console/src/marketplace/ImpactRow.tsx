import type { Impact } from '@catalyst/model/api/upgrades.ts';
import { Anchor, Checkbox, Text } from '@mantine/core';
import { IconAlertTriangle, IconShieldLock } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { PlannedPart } from '../plans/PlannedPart.tsx';
import classes from './BlastRadius.module.css';
import { differenceOf, reasonsOf } from './blast-radius.ts';

/** One Application that a version would reach: from where, whether it may, and on demand everything that would change. */
export function ImpactRow(props: {
  readonly impact: Impact;
  readonly choosable: boolean;
  readonly chosen: boolean;
  readonly choose: (on: boolean) => void;
}) {
  const { impact } = props;
  const { environment, application, path, planned } = impact;
  const [open, setOpen] = useState(false);
  return (
    <li className={classes.row}>
      <div className={classes.head}>
        <Checkbox
          aria-label={`Choose ${application} in ${environment}`}
          checked={props.chosen}
          disabled={!props.choosable}
          onChange={(event) => props.choose(event.currentTarget.checked)}
        />
        <div className={classes.words}>
          <Anchor
            component={Link}
            to={`/environments/${environment}/applications/${application}`}
            fw={600}
            c="inherit"
          >
            {application}
          </Anchor>{' '}
          <Text span size="sm" c="dimmed">
            in {environment}
          </Text>
          {impact.protected && (
            <Text span size="sm" c="dimmed" ml="xs">
              <IconShieldLock size={14} aria-hidden="true" className={classes.inlineIcon} /> protected
            </Text>
          )}
          <div className={classes.versions}>
            <span className="mono">
              {impact.version} → {path.version}
            </span>
            {path.direction === 'downgrade' && <span>a step back</span>}
            <span>{differenceOf(impact)}</span>
          </div>
          {reasonsOf(impact).map(({ tone, text }) => (
            <div key={text} className={classes.reason} data-tone={tone}>
              <IconAlertTriangle size={15} aria-hidden="true" className={classes.inlineIcon} />
              <span>{text}</span>
            </div>
          ))}
        </div>
      </div>
      {planned && (
        <details className={classes.details} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>What would change</summary>
          {open && <PlannedPart part={planned} openFiles={false} />}
        </details>
      )}
    </li>
  );
}
