import type { PolicyFacts } from '@catalyst/model/policy/facts.ts';
import { evaluatePolicy, parsePolicy } from '@catalyst/model/policy/policy.ts';
import type { Scale } from './sovereign.ts';
import { type Figure, median, percentile, repeat } from './table.ts';

const promotions = 1_000;
const ruleCount = 50;
const budgetMs = 50;

/** One rule of each kind in turn, no two alike. */
function makeRule(at: number): Record<string, unknown> {
  switch (at % 5) {
    case 0:
      return {
        kind: 'pr-required',
        approvers: ['@acme/security', '@acme/platform', 'codeowners'],
        minApprovals: 2,
      };
    case 1:
      return { kind: 'soak', sourceEnvironment: 'acme-stg', duration: `${at + 1}h` };
    case 2:
      return {
        kind: 'change-window',
        cron: `${at} ${at % 24} * * ${at % 7}`,
        duration: '2h',
        timeZone: 'Asia/Muscat',
      };
    case 3:
      return {
        kind: 'freeze',
        from: `2026-12-${String(1 + (at % 20)).padStart(2, '0')}T00:00:00+04:00`,
        to: '2026-12-31T00:00:00+04:00',
        reason: 'Year end.',
      };
    default:
      return { kind: 'checks', names: [`scan-${at}`, 'unit'] };
  }
}

function makeFacts(at: number): PolicyFacts {
  const head = at.toString(16).padStart(40, '0');
  const people = Array.from({ length: 8 }, (_, person) => `person-${(at + person) % 100}`);
  return {
    now: Date.UTC(2026, 10, 30, 12),
    review: {
      head,
      authors: people.slice(0, 2),
      reviews: people.slice(2, 6).map((id, index) => ({
        by: { id, name: id },
        verdict: 'approve' as const,
        revision: index % 2 === 0 ? head : '0'.repeat(40),
      })),
      people: { '@acme/security': people, '@acme/platform': people.slice(3), '@acme/org-admins': people },
      ownership: [{ owners: ['@acme/org-admins'], paths: ['base/values.yaml', 'base/application.yaml'] }],
    },
    checks: [{ name: 'unit', revision: head, status: 'success' }],
    soaks: [{ environment: 'acme-stg', exists: true, arrived: true, healthyMs: at * 60_000, running: true }],
  };
}

/** All gates of 1,000 open promotions under one policy of 50 rules, beside copying the same facts as JSON. */
export async function measurePolicies({ say }: Pick<Scale, 'say'>): Promise<Figure[]> {
  const parsed = parsePolicy('policies/acme-prod-policy.yaml', {
    apiVersion: 'catalyst.openova.io/v1alpha1',
    kind: 'EnvironmentPolicy',
    metadata: { name: 'acme-prod-policy' },
    spec: { appliesTo: { environments: ['acme-prod'] }, rules: [] },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  // A file takes 20 rules; what is measured is the evaluation.
  const rules = Array.from({ length: ruleCount }, (_, at) => makeRule(at));
  const policy = { ...parsed.value, rules: rules as unknown as (typeof parsed.value)['rules'] };
  const facts = Array.from({ length: promotions }, (_, at) => makeFacts(at));
  const change = { environment: 'acme-prod', way: 'pull-request' } as const;
  let blocked = 0;
  const evaluateAll = () => {
    for (const one of facts) blocked += evaluatePolicy(policy, change, one).blocked.length;
  };
  const first = await repeat(1, evaluateAll);
  const samples = await repeat(30, evaluateAll);
  const floor = await repeat(30, () => facts.map((one) => JSON.parse(JSON.stringify(one)) as PolicyFacts));
  say(`${promotions} promotions, ${ruleCount} rules, ${blocked / 31 / promotions} closed gates each`);
  const what = `gates of ${promotions} open promotions under ${ruleCount} rules`;
  const figure = (name: string, value: number): Figure => ({
    what: `${what}, ${name}`,
    value,
    unit: 'ms',
    floor: { what: 'copying the same facts as JSON', value: median(floor) },
    budget: { words: `under ${budgetMs} ms`, met: value < budgetMs },
  });
  return [
    figure('the first time', first[0] ?? Number.NaN),
    figure('median', median(samples)),
    figure('p99', percentile(samples, 0.99)),
  ];
}
