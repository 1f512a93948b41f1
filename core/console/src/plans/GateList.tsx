import type { GateVerdict } from '@catalyst/model/views/plan.ts';
import { IconAlertTriangle, IconCircleCheck, IconLock } from '@tabler/icons-react';
import { RelativeTime } from '../time/RelativeTime.tsx';
import classes from './Plan.module.css';

const titles: Readonly<Record<string, string>> = {
  'pr-required': 'Review',
  codeowners: 'Owners',
  hold: 'Hold',
  order: 'Order',
  decision: 'Decision',
  soak: 'Soak',
  'change-window': 'Change window',
  're-score-gate': 'RE score',
};

/** What each gate of a policy says of a change: open or closed, why, until when, and who can act. */
export function GateList({ gates }: { gates: readonly GateVerdict[] }) {
  return (
    <ul className={classes.gates}>
      {gates.map((gate) => (
        <li
          key={`${gate.rule} ${gate.reason}`}
          className={classes.gate}
          data-tone={gate.allowed && !gate.severity ? 'green' : 'amber'}
        >
          <span className={classes.gateIcon} aria-hidden="true">
            <GateIcon gate={gate} />
          </span>
          <div>
            <strong>
              {titles[gate.rule] ?? gate.rule} gate: {gate.allowed ? 'open' : 'closed'}
              {gate.severity && ', with a warning'}
            </strong>
            <div>
              {gate.reason}
              {gate.until && (
                <>
                  {' '}
                  It opens <RelativeTime at={gate.until} />.
                </>
              )}
            </div>
            {gate.needs && gate.needs.length > 0 && (
              <div className={classes.note}>Who can act: {gate.needs.join(', ')}</div>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function GateIcon({ gate }: { gate: GateVerdict }) {
  if (gate.severity) return <IconAlertTriangle size={17} />;
  return gate.allowed ? <IconCircleCheck size={17} /> : <IconLock size={17} />;
}
