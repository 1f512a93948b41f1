import semver from 'semver';
import { type Check, type Criterion, checked, listNames } from './criterion.ts';
import type { FreshnessFact, OwnerFact, RunningFact } from './score-facts.ts';
import { sources } from './sources.ts';
import { claimsIn } from './workload-subjects.ts';

/** Half for the newest major version, all for the newest version. */
function checkFreshness(blueprint: string, { used, newest, next }: FreshnessFact): Check {
  const base = { object: blueprint, of: 2 };
  if (semver.gte(used, newest)) return { ...base, passed: 2 };
  const same = semver.major(used) === semver.major(newest);
  return {
    ...base,
    passed: same ? 1 : 0,
    reason: `${blueprint} ${used} is used; the catalog has ${newest}${same ? '' : ', a major version further'}.`,
    remedy:
      next === undefined
        ? `Install ${blueprint} ${newest} anew: no upgrade leads there from ${used}`
        : `Upgrade ${blueprint} to ${next}`,
  };
}

/** Half for somebody, all for at least two. */
function checkOwners({ handles, people }: OwnerFact): Check {
  const base = { object: 'CODEOWNERS', of: 2, passed: Math.min(people, 2) };
  if (people >= 2) return base;
  const who = handles.length === 0 ? '' : ` (${listNames([...handles].sort())})`;
  return {
    ...base,
    reason:
      people === 0
        ? `Nobody answers for it${who}.`
        : `Only one person answers for it${who}, and nobody in his place.`,
  };
}

const settled: ReadonlySet<string> = new Set(['Running', 'Degraded', 'Failed']);

function checkState({ environment, state }: RunningFact): Check[] {
  if (!settled.has(state)) return [];
  return [
    {
      object: environment,
      of: 1,
      ...(state === 'Running' ? { passed: 1 } : { passed: 0, reason: `In ${environment} it is ${state}.` }),
    },
  ];
}

/** Pods of each workload, in the order of names. */
function byComponent({ pods }: RunningFact): [string, RunningFact['pods']][] {
  return [...Map.groupBy(pods, ({ component }) => component)].sort(([left], [right]) =>
    left < right ? -1 : 1,
  );
}

function checkCrashLoops(running: RunningFact): Check[] {
  return byComponent(running).map(([component, pods]) => {
    const looping = pods.flatMap(({ containers }) =>
      containers.filter(({ state, reason }) => state === 'waiting' && reason === 'CrashLoopBackOff'),
    );
    const names = [...new Set(looping.map(({ name }) => name))].sort();
    const object = `${component} in ${running.environment}`;
    return {
      object,
      of: 1,
      ...(names.length === 0
        ? { passed: 1 }
        : { passed: 0, reason: `${object}: ${listNames(names)} ends again and again.` }),
    };
  });
}

/** All with at most 2 restarts of one Pod, half with at most 10. */
function checkRestarts(running: RunningFact): Check[] {
  return byComponent(running).map(([component, pods]) => {
    const most = Math.max(0, ...pods.map(({ restarts }) => restarts));
    const object = `${component} in ${running.environment}`;
    const passed = most <= 2 ? 2 : most <= 10 ? 1 : 0;
    const why = [
      ...new Set(pods.flatMap(({ containers }) => containers.map(({ lastReason }) => lastReason ?? ''))),
    ].filter((reason) => reason !== '' && reason !== 'Completed');
    return {
      object,
      of: 2,
      passed,
      ...(passed === 2
        ? {}
        : {
            reason: `${object}: a Pod was restarted ${most} times${why.length > 0 ? ` (${listNames(why.sort())})` : ''}.`,
          }),
    };
  });
}

const nothingRuns = 'No Pod of it runs.';

/** What it is made of, who answers for it, and what its data would survive. */
export const releaseCriteria: readonly Criterion[] = [
  {
    id: 'freshness',
    weight: 5,
    title: 'Blueprint up to date',
    applies: 'its Blueprint',
    rule: 'Half for the newest major version of the catalog, all for the newest version.',
    sources: [sources.releases],
    fix: { remedy: 'Upgrade {object}', way: 'upgrade' },
    judge: ({ facts: { blueprint, freshness } }) =>
      freshness.known
        ? checked([checkFreshness(blueprint, freshness.value)], '')
        : { kind: 'unknown', why: freshness.why },
  },
  {
    id: 'ownership',
    weight: 5,
    title: 'Owners',
    applies: 'its repository',
    rule: 'Half for one person behind CODEOWNERS of what runs, all for two.',
    sources: [sources.codeowners, sources.onCall],
    fix: { remedy: 'Name a team of at least two people in {object}', way: 'codeowners' },
    judge: ({ facts }) =>
      facts.owners.known
        ? checked([checkOwners(facts.owners.value)], '')
        : { kind: 'unknown', why: facts.owners.why },
  },
  {
    id: 'backups',
    weight: 8,
    title: 'Backups',
    applies: 'claims of volumes',
    rule: 'Each claim is backed up.',
    sources: [sources.dataIntegrity],
    fix: { remedy: 'Back up {object}', way: 'settings', settings: ['backup.enabled', 'backups.enabled'] },
    judge({ objects, facts: { backups } }) {
      const claims = claimsIn(objects);
      if (claims.length === 0) return { kind: 'not-applicable', why: 'It keeps no data on volumes.' };
      if (!backups.known) return { kind: 'unknown', why: backups.why };
      const has = new Set(backups.value);
      return checked(
        claims.map((claim) => ({
          object: claim,
          of: 1,
          ...(has.has(claim) ? { passed: 1 } : { passed: 0, reason: `Nothing backs up ${claim}.` }),
        })),
        '',
      );
    },
  },
];

/** What was seen of it while it ran. */
export const runningCriteria: readonly Criterion[] = [
  {
    id: 'state',
    weight: 3,
    title: 'Running',
    applies: 'Environments in which this content runs',
    rule: 'It is Running; while it is installed, changed or paused it is not judged.',
    sources: [sources.monitoring],
    fix: { remedy: 'See in the overview why it is not Running in {object}', way: 'look' },
    judge: ({ facts: { running } }) =>
      running.known
        ? checked(running.value.flatMap(checkState), 'It is neither Running nor has it failed.')
        : { kind: 'unknown', why: running.why },
  },
  {
    id: 'crash-loops',
    weight: 4,
    title: 'No crash loop',
    applies: 'Pods that run',
    rule: 'No container waits to be started again after it ended over and over.',
    sources: [sources.podLifecycle, sources.debugPods],
    fix: { remedy: 'Read the logs of {object}: its containers end by themselves', way: 'look' },
    judge: ({ facts: { running } }) =>
      running.known
        ? checked(running.value.flatMap(checkCrashLoops), nothingRuns)
        : { kind: 'unknown', why: running.why },
  },
  {
    id: 'restarts',
    weight: 3,
    title: 'Few restarts',
    applies: 'Pods that run',
    rule: 'All with at most 2 restarts of one Pod, half with at most 10.',
    sources: [sources.debugPods],
    fix: { remedy: 'Find in the logs of {object} why it was restarted', way: 'look' },
    judge: ({ facts: { running } }) =>
      running.known
        ? checked(running.value.flatMap(checkRestarts), nothingRuns)
        : { kind: 'unknown', why: running.why },
  },
];
