import {
  type Candidate,
  createDependencyIndex,
  type DependencyIndex,
} from '@catalyst/model/dependencies/dependency-index.ts';
import { resolveDependencies } from '@catalyst/model/dependencies/resolve-dependencies.ts';
import type { Scale } from './sovereign.ts';
import { type Figure, median, percentile, repeat } from './table.ts';

const blueprints = 10_000;
const versionsEach = 20;
const wanted = 200;

const nameOf = (at: number) => `bp-n${at}`;

/**
 * A catalog in which every version asks for something else. The first 200 Blueprints are a tree whose dependents have three dependencies
 * each, some under a condition and with templated values; the rest of the catalog is there to be searched.
 */
function makeCatalog(): ReadonlyMap<string, readonly Candidate[]> {
  const catalog = new Map<string, Candidate[]>();
  for (let at = 0; at < blueprints; at += 1) {
    const within = at < wanted ? [3 * at + 1, 3 * at + 2, 3 * at + 3].filter((child) => child < wanted) : [];
    const depends = (minor: number) =>
      within.map((child, index) => ({
        blueprint: nameOf(child),
        // The newest of the dependent asks for what is in the middle: the newest of the dependency is never right.
        version: `>=1.${Math.floor(minor / 2)}.0 <1.${15 - (at % 3)}.0`,
        alias: `d${index}`,
        ...(index === 1 ? { when: "{{ .config.mode == 'embedded' }}" } : {}),
        values: { owner: '{{ .application.name }}', mode: '{{ .config.mode }}' },
      }));
    catalog.set(
      nameOf(at),
      Array.from({ length: versionsEach }, (_, minor) => ({
        name: nameOf(at),
        version: `1.${minor}.0`,
        depends: depends(minor),
        composite: false,
        provides: true,
        defaults: { mode: 'embedded', replicas: 1 },
      })),
    );
  }
  return catalog;
}

function resolve(index: DependencyIndex): number {
  const outcome = resolveDependencies(
    {
      organization: 'acme',
      environment: 'acme-dev',
      root: { application: 'app', blueprint: nameOf(0), version: '1.19.0', values: {} },
      choices: {},
      existing: [],
    },
    index,
  );
  if (!outcome.ok) throw new Error(outcome.problems.map((problem) => problem.message).join(' '));
  return outcome.value.applications.length;
}

/** Resolution of 200 Applications out of 10,000 Blueprints with 20 versions each, with a fresh and with a used index. */
export function measureResolution({ say }: Pick<Scale, 'say'>): Promise<Figure[]> {
  const catalog = makeCatalog();
  const fresh = () => createDependencyIndex((name) => catalog.get(name) ?? []);
  const found = resolve(fresh());
  if (found !== wanted) throw new Error(`${found} Applications instead of ${wanted}`);
  return measure(fresh, say);
}

async function measure(fresh: () => DependencyIndex, say: (text: string) => void): Promise<Figure[]> {
  const cold = await repeat(30, () => resolve(fresh()));
  const index = fresh();
  const warm = await repeat(100, () => resolve(index));
  say(`${blueprints} Blueprints, ${versionsEach} versions each, ${wanted} Applications`);
  const what = `resolution of ${wanted} Applications`;
  const words = 'under 20 ms';
  const figure = (name: string, value: number): Figure => ({
    what: `${what}, ${name}`,
    value,
    unit: 'ms',
    budget: { words, met: value < 20 },
  });
  return [
    figure('fresh index, median', median(cold)),
    figure('used index, median', median(warm)),
    figure('used index, p99', percentile(warm, 0.99)),
  ];
}
