import { CatalystError, codes } from '@catalyst/model/problem.ts';

/** How many may be in at once, and how many may wait. */
export interface Share {
  readonly atOnce: number;
  readonly waiting: number;
}

/** What there is in all, and what one Organization and one person may have of it: less than all, so that others get in. */
export interface ShareLimits {
  readonly all: Share;
  readonly ofOrganization: Share;
  readonly ofPerson: Share;
}

/** Whose share is taken. */
export interface Asker {
  readonly organization: string;
  readonly person: string;
  /** Leaves the queue. */
  readonly signal: AbortSignal;
}

/** Lets askers in by turns: Organizations take turns, and in each its people; one who has his share waits, and others pass him. */
export interface Shares {
  /** Resolves with the release; throws `TooMany` where too many wait, `Unavailable` where the signal comes first. */
  acquire(asker: Asker): Promise<() => void>;
}

/** Counts per name; what is at nothing is forgotten. */
function createCounts() {
  const counts = new Map<string, number>();
  return {
    of: (name: string) => counts.get(name) ?? 0,
    add(name: string, difference: 1 | -1) {
      const next = (counts.get(name) ?? 0) + difference;
      if (next === 0) counts.delete(name);
      else counts.set(name, next);
    },
  };
}

function createTally() {
  const [organizations, people] = [createCounts(), createCounts()];
  let all = 0;
  const add = ({ organization, person }: Asker, difference: 1 | -1) => {
    all += difference;
    organizations.add(organization, difference);
    people.add(person, difference);
  };
  /** Whose share is used up. */
  const full = (limits: ShareLimits, key: keyof Share, { organization, person }: Asker) =>
    people.of(person) >= limits.ofPerson[key]
      ? 'person'
      : organizations.of(organization) >= limits.ofOrganization[key]
        ? 'organization'
        : all >= limits.all[key]
          ? 'all'
          : undefined;
  return { add, full };
}

/** Makes them. */
export function createShares(limits: ShareLimits): Shares {
  const inside = createTally();
  const queued = createTally();
  // Whoever had a turn goes to the end of his map.
  const waiting = new Map<string, Map<string, { asker: Asker; admit: () => void }[]>>();

  function takeNext(): (() => void) | undefined {
    for (const [organization, people] of waiting)
      for (const [person, own] of people) {
        const next = own[0];
        if (!next || inside.full(limits, 'atOnce', next.asker)) continue;
        own.shift();
        queued.add(next.asker, -1);
        people.delete(person);
        if (own.length > 0) people.set(person, own);
        waiting.delete(organization);
        if (people.size > 0) waiting.set(organization, people);
        inside.add(next.asker, 1);
        return next.admit;
      }
    return undefined;
  }

  function admitWaiting(): void {
    for (let admit = takeNext(); admit; admit = takeNext()) admit();
  }

  function leave(asker: Asker, admit: () => void): void {
    const people = waiting.get(asker.organization);
    const own = people?.get(asker.person) ?? [];
    own.splice(
      own.findIndex((entry) => entry.admit === admit),
      1,
    );
    queued.add(asker, -1);
    if (own.length === 0) people?.delete(asker.person);
    if (people?.size === 0) waiting.delete(asker.organization);
  }

  async function wait(asker: Asker): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const admit = () => {
      asker.signal.removeEventListener('abort', abort);
      resolve();
    };
    const abort = () => {
      leave(asker, admit);
      reject(new CatalystError(codes.Unavailable, 'The request was broken off.', { retry: 'later' }));
    };
    asker.signal.addEventListener('abort', abort, { once: true });
    const people = waiting.get(asker.organization) ?? new Map();
    waiting.set(asker.organization, people);
    people.set(asker.person, [...(people.get(asker.person) ?? []), { asker, admit }]);
    queued.add(asker, 1);
    await promise;
  }

  return {
    async acquire(asker) {
      if (inside.full(limits, 'atOnce', asker) === undefined) inside.add(asker, 1);
      else {
        const full = queued.full(limits, 'waiting', asker);
        if (full) throw tooMany(full);
        await wait(asker);
      }
      let released = false;
      return () => {
        if (released) return;
        released = true;
        inside.add(asker, -1);
        admitWaiting();
      };
    },
  };
}

const whose = {
  person: 'You have too many Git sessions open at once. Try again when one of them has ended.',
  organization:
    'Your Organization has too many Git sessions open at once. Try again when one of them has ended.',
  all: 'Too many Git sessions are open at once. Try again in a minute.',
} as const;

function tooMany(full: keyof typeof whose): CatalystError {
  return new CatalystError(codes.TooMany, whose[full], { retry: 'later' });
}
