import type { Plan } from '@catalyst/model/views/plan.ts';
import { IconAlertOctagon, IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import classes from './Plan.module.css';
import { risksOf } from './plan-words.ts';

const looks = {
  loss: { tone: 'red', word: 'Data is lost', Icon: IconAlertOctagon },
  warning: { tone: 'amber', word: 'Data at risk', Icon: IconAlertTriangle },
} as const;

/** Data that a plan may cost, the gravest first. A loss cannot be overlooked. */
export function DataRisks({ plan }: { plan: Pick<Plan, 'applications'> }) {
  return risksOf(plan).map((risk) => {
    if (risk.severity === 'notice') return null;
    const { tone, word, Icon } = looks[risk.severity];
    return (
      <div
        key={`${risk.application} ${risk.what} ${risk.message}`}
        className={classes.risk}
        data-tone={tone}
        data-severity={risk.severity}
        role={risk.severity === 'loss' ? 'alert' : undefined}
      >
        <Icon size={20} aria-hidden="true" className={classes.riskIcon} />
        <div>
          <strong>
            {word}: <span className="mono">{risk.what}</span> of {risk.application}
          </strong>
          <div>{risk.message}</div>
        </div>
      </div>
    );
  });
}

/** What is good to know of data that nothing happens to, in one place. */
export function DataNotices({ plan }: { plan: Pick<Plan, 'applications'> }) {
  const notices = risksOf(plan).filter((risk) => risk.severity === 'notice');
  if (notices.length === 0) return null;
  return (
    <div className={classes.risk} data-tone="blue">
      <IconInfoCircle size={20} aria-hidden="true" className={classes.riskIcon} />
      <div>
        <strong>About data</strong>
        {notices.map((notice) => (
          <div key={`${notice.application} ${notice.what} ${notice.message}`}>
            <span className="mono">{notice.what}</span> of {notice.application}: {notice.message}
          </div>
        ))}
      </div>
    </div>
  );
}
