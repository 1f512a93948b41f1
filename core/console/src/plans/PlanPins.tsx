import type { Plan } from '@catalyst/model/views/plan.ts';
import { RelativeTime } from '../time/RelativeTime.tsx';
import { Fold } from './Fold.tsx';
import classes from './Plan.module.css';

/** What a plan was made from. If any of it moves, the plan is refused and not carried out on something else. */
export function PlanPins({ plan }: { plan: Plan }) {
  const pins = plan.pins ?? [];
  if (pins.length === 0) return null;
  return (
    <div className={classes.pins}>
      <Fold
        title="What this plan is made from"
        note={
          <>
            expires <RelativeTime at={plan.expiresAt} />
          </>
        }
        open={false}
      >
        <ul className={classes.objects}>
          {pins.map((pin) => (
            <li key={`${pin.repository} ${pin.branch}`}>
              <span className="mono">
                {pin.repository} {pin.branch}
              </span>{' '}
              {pin.head === null ? (
                <span className={classes.note}>does not exist yet</span>
              ) : (
                <>
                  made from revision{' '}
                  <code title={pin.head}>{pin.head.replace(/^sha256:/, '').slice(0, 10)}</code>
                </>
              )}
            </li>
          ))}
        </ul>
      </Fold>
    </div>
  );
}
