import { type RefObject, useEffect, useRef } from 'react';

/**
 * Gives the keyboard focus back when what calls it goes away: to `opener`, else to what had it before. What opened a dialog from
 * a menu is gone by then, and without this the focus would be nowhere.
 */
export function useReturnFocus(opener?: RefObject<HTMLElement | null>): void {
  const before = useRef<Element | null>(document.activeElement);
  useEffect(
    () => () => {
      const target = opener?.current ?? before.current;
      setTimeout(() => {
        const lost = document.activeElement === null || document.activeElement === document.body;
        if (lost && target instanceof HTMLElement && target.isConnected)
          target.focus({ preventScroll: true });
      });
    },
    [opener],
  );
}
