import type { Problem } from '../problem.ts';
import { compositeCategory } from './composite.ts';

type Fields = Record<string, unknown>;

/** A manifest in the documented shape, and what had to be changed to get there. */
export interface NormalisedBlueprint {
  readonly manifest: unknown;
  readonly warnings: readonly Problem[];
}

function isMap(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function copy(value: unknown): Fields {
  return isMap(value) ? { ...value } : {};
}

/**
 * Brings the two shapes of `blueprint.yaml` that are found in the wild (spec/blueprint.md section 3.1) into the documented one:
 * A: `manifests.chart`, `card.summary`, dependencies as bare names; B: `apiVersion …/v1`, a name without `bp-`, a card with
 * `family`, `description` and `docs`. Each change is a warning. What is in neither shape stays as it is, for validation to refuse.
 */
export function normaliseBlueprint(manifest: unknown): NormalisedBlueprint {
  if (!isMap(manifest)) return { manifest, warnings: [] };
  const warnings: Problem[] = [];
  const warn = (field: string, message: string) => warnings.push({ code: 'OldShape', field, message });
  const metadata = copy(manifest['metadata']);
  const spec = copy(manifest['spec']);
  let apiVersion = manifest['apiVersion'];
  if (apiVersion === 'catalyst.openova.io/v1') {
    apiVersion = 'catalyst.openova.io/v1alpha1';
    warn('apiVersion', 'Write catalyst.openova.io/v1alpha1.');
  }
  const name = metadata['name'];
  if (typeof name === 'string' && !name.startsWith('bp-')) {
    metadata['name'] = `bp-${name}`;
    warn('metadata.name', `Write bp-${name}.`);
  }
  if (typeof metadata['version'] === 'string') {
    if (spec['version'] === undefined) spec['version'] = metadata['version'];
    delete metadata['version'];
    warn('metadata.version', 'Write the version as spec.version.');
  }
  if (isMap(spec['card'])) spec['card'] = normaliseCard(spec['card'], metadata, warn);
  normaliseSpec(spec, warn);
  return { manifest: { ...manifest, apiVersion, metadata, spec }, warnings };
}

type Warn = (field: string, message: string) => void;

function normaliseCard(given: Fields, metadata: Fields, warn: Warn): Fields {
  const card = { ...given };
  const take = (from: string, to: string) => {
    if (card[from] === undefined) return;
    if (card[to] === undefined) card[to] = card[from];
    delete card[from];
    warn(`spec.card.${from}`, `Write it as ${to}.`);
  };
  take('summary', 'tagline');
  take('docs', 'documentation');
  take('family', 'category');
  if (card['tagline'] === undefined && typeof card['description'] === 'string') {
    card['tagline'] = firstSentence(card['description']);
    warn('spec.card.tagline', 'Write a tagline; the beginning of the description is used.');
  }
  const label = isMap(metadata['labels']) ? metadata['labels']['catalyst.openova.io/category'] : undefined;
  if (card['category'] === undefined && typeof label === 'string') {
    card['category'] = label;
    warn('spec.card.category', 'Write the category; the one of the label is used.');
  }
  return card;
}

function normaliseSpec(spec: Fields, warn: Warn): void {
  if (spec['visibility'] === undefined) {
    spec['visibility'] = 'unlisted';
    warn('spec.visibility', 'Write listed, unlisted or private; unlisted is used.');
  }
  if (spec['configSchema'] === undefined) {
    spec['configSchema'] = { type: 'object' };
    warn('spec.configSchema', 'Write a schema of what people may set; anything is taken.');
  }
  const manifests = copy(spec['manifests']);
  const composite = isMap(spec['card']) && spec['card']['category'] === compositeCategory;
  if (manifests['source'] === undefined && !composite) {
    const chart = typeof manifests['chart'] === 'string' ? manifests['chart'] : './chart';
    delete manifests['chart'];
    spec['manifests'] = { ...manifests, source: { kind: 'HelmChart', ref: chart } };
    warn('spec.manifests', `Write manifests.source with kind HelmChart and ref ${chart.slice(0, 100)}.`);
  }
  if (Array.isArray(spec['depends']))
    spec['depends'] = spec['depends'].map((entry, index) => normaliseDependency(entry, index, warn));
}

function normaliseDependency(entry: unknown, index: number, warn: Warn): unknown {
  const given: Fields | undefined =
    typeof entry === 'string' ? { blueprint: entry } : isMap(entry) ? { ...entry } : undefined;
  if (given === undefined) return entry;
  const blueprint = given['blueprint'];
  const field = `spec.depends.${index}`;
  if (typeof entry === 'string') warn(field, 'Write blueprint, version and alias.');
  if (given['version'] === undefined) {
    given['version'] = '*';
    warn(`${field}.version`, 'Write a range of versions; any is taken.');
  }
  if (given['alias'] === undefined && typeof blueprint === 'string') {
    given['alias'] = blueprint.replace(/^bp-/, '');
    warn(`${field}.alias`, 'Write an alias; the name of the Blueprint is used.');
  }
  return given;
}

function firstSentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const end = line.indexOf('. ');
  return (end < 0 ? line : line.slice(0, end + 1)).slice(0, 140);
}
