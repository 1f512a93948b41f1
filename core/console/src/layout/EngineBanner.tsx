import { IconAlertTriangle } from '@tabler/icons-react';
import { useMe } from '../api/use-api.ts';
import classes from './EngineBanner.module.css';

/** Says on every page that no container engine answers: all else works, and installs wait. */
export function EngineBanner() {
  const me = useMe();
  const down = me && !me.engine.available;
  return (
    <div role="status" aria-live="polite">
      {down && (
        <div className={classes.banner}>
          <IconAlertTriangle size={18} aria-hidden="true" className={classes.icon} />
          <span>
            <strong>No container engine.</strong> {me.engine.message} Everything else works; Applications wait
            until it is back.
          </span>
        </div>
      )}
    </div>
  );
}
