import type { ApplicationState } from '@catalyst/model/views/application-view.ts';
import classes from './StateBadge.module.css';
import { stateLooks } from './states.ts';

/** A state as glyph, colour and word; never by colour alone. */
export function StateBadge({ state, size = 'md' }: { state: ApplicationState; size?: 'md' | 'lg' }) {
  const look = stateLooks[state] ?? stateLooks.Unknown;
  return (
    <span className={classes.badge} data-tone={look.tone} data-size={size} title={look.meaning}>
      <span aria-hidden="true" className={classes.glyph} data-turning={look.tone === 'blue'}>
        {look.glyph}
      </span>
      <span>{state}</span>
    </span>
  );
}
