import type { PlannedApplication } from '@catalyst/model/views/plan.ts';
import { IconAlertTriangle, IconArrowsExchange, IconLink, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Sentence } from '../time/Sentence.tsx';
import classes from './Plan.module.css';

const ways = {
  rolling: 'is replaced one by one',
  'in-place': 'is stopped and started again',
  stopped: 'is stopped',
} as const;

/** What a change means for what runs: restarts, what drifted, and who is bound to whom. */
export function PartFacts({ part }: { part: PlannedApplication }) {
  const { restarts = [], drift = [], dependsOn = [], usedBy = [] } = part;
  if (restarts.length + drift.length + dependsOn.length + usedBy.length === 0) return null;
  return (
    <ul className={classes.partFacts}>
      {restarts.map((restart) => (
        <Fact
          key={`restart ${restart.kind}/${restart.name}`}
          icon={<IconRefresh size={15} />}
          tone={restart.interruption ? 'amber' : undefined}
        >
          <span className="mono">
            {restart.kind}/{restart.name}
          </span>{' '}
          {ways[restart.how]}: {lower(restart.reason)}{' '}
          <strong>{restart.interruption ? 'Visitors notice.' : 'Visitors do not notice.'}</strong>
        </Fact>
      ))}
      {drift.map((entry) => (
        <Fact key={`drift ${entry.kind}/${entry.name}`} icon={<IconAlertTriangle size={15} />} tone="amber">
          <span className="mono">
            {entry.kind}/{entry.name}
          </span>{' '}
          is not what the branch says: <Sentence text={lower(entry.message)} />
        </Fact>
      ))}
      {dependsOn.length > 0 && (
        <Fact icon={<IconLink size={15} />}>
          Uses{' '}
          {dependsOn.map((entry, index) => (
            <span key={entry.alias}>
              {index > 0 && ', '}
              <strong>{entry.application}</strong> as {entry.alias}
            </span>
          ))}
        </Fact>
      )}
      {usedBy.length > 0 && (
        <Fact icon={<IconArrowsExchange size={15} />}>
          Used by <strong>{usedBy.join(', ')}</strong>
          {part.change !== 'create' && part.change !== 'use' && ', which may notice'}
        </Fact>
      )}
    </ul>
  );
}

function Fact(props: { icon: ReactNode; tone?: 'amber' | undefined; children: ReactNode }) {
  return (
    <li className={classes.partFact} data-tone={props.tone}>
      <span aria-hidden="true" className={classes.partFactIcon}>
        {props.icon}
      </span>
      <span>{props.children}</span>
    </li>
  );
}

function lower(sentence: string): string {
  const text = /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
  return /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
