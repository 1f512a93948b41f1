/** Moves the focus to the first field that is marked as wrong, once it is drawn. */
export function focusFirstError(within: HTMLElement): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      // The boxes around inputs are marked as well, and cannot take the focus.
      within.querySelector<HTMLElement>(':is(input, textarea, select)[aria-invalid="true"]')?.focus();
    }),
  );
}
