import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from 'react';

/** What has to be put on the element around the cards. */
export interface MovingFocus<Box extends HTMLElement> {
  readonly ref: RefObject<Box | null>;
  onFocus(event: FocusEvent): void;
  onBlur(): void;
}

/**
 * Keeps the keyboard focus on the control of a card (`data-application`) that is drawn anew in another place, where it is another
 * element. The page does not scroll for it.
 */
export function useMovingFocus<Box extends HTMLElement>(): MovingFocus<Box> {
  const ref = useRef<Box>(null);
  const focused = useRef<{ readonly application: string; readonly control: string }>(undefined);
  useLayoutEffect(() => {
    if (!focused.current || document.activeElement !== document.body) return;
    const { application, control } = focused.current;
    const card = ref.current?.querySelector(`[data-application="${CSS.escape(application)}"]`);
    // A card that moves is there at once; one that comes back later is not what had the focus.
    focused.current = undefined;
    const controls = [...(card?.querySelectorAll<HTMLElement>('a, button') ?? [])];
    controls.find((element) => nameOf(element) === control)?.focus({ preventScroll: true });
  });
  return {
    ref,
    onFocus({ target }) {
      const application = target.closest<HTMLElement>('[data-application]')?.dataset['application'];
      focused.current =
        application === undefined ? undefined : { application, control: nameOf(target as HTMLElement) };
    },
    // React tells nothing of a focus that is lost because the element goes.
    onBlur() {
      focused.current = undefined;
    },
  };
}

function nameOf(element: HTMLElement): string {
  return element.getAttribute('aria-label') ?? element.textContent;
}
