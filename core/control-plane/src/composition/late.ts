import { CatalystError } from '@catalyst/model/problem.ts';

/** A part that is made after those who ask it: parts that need one another are looked up when asked. */
export interface Late<T> {
  /** Throws `Unavailable` while it is not made. */
  get(): T;
  /** Gives what was made, and returns it. */
  is(part: T): T;
}

/** Creates the place of a part. */
export function createLate<T extends object>(): Late<T> {
  let made: T | undefined;
  return {
    get() {
      if (made === undefined)
        throw new CatalystError('Unavailable', 'Catalyst is still starting. Try again in a moment.', {
          retry: 'later',
        });
      return made;
    },
    is(part) {
      made = part;
      return part;
    },
  };
}
