import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { parseDocument } from 'yaml';

/** An image reference in full: `docker.io/library/nginx:1.27`. */
export interface ImageReference {
  readonly registry: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** One rewrite of the Sovereign's `mirrors.yaml`. */
export type MirrorRule =
  | { readonly kind: 'exact'; readonly from: ImageReference; readonly to: ImageReference }
  | { readonly kind: 'prefix'; readonly from: string; readonly to: string }
  | { readonly kind: 'digest'; readonly from: string; readonly to: ImageReference };

/** Where images really come from. The most exact rule wins, then the longest prefix; no rule leaves the name as it is. */
export interface MirrorMap {
  readonly rules: readonly MirrorRule[];
}

/** A map without rules. */
export const noMirrors: MirrorMap = { rules: [] };

const component = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*';
const registryPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]{1,5})?$/;
const pathPattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^sha256:[a-f0-9]{64}$/;
const maxNameLength = 512;
const maxMapSize = 1024 * 1024;
const maxRules = 10_000;

/**
 * Reads an image name as people write it. `nginx` becomes `docker.io/library/nginx`; a first part with a dot, a colon or the name
 * `localhost` is the registry. Undefined where it is no image name.
 */
export function parseImageReference(name: string): ImageReference | undefined {
  if (name.length === 0 || name.length > maxNameLength) return undefined;
  const [rest = '', digest, ...more] = name.split('@');
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) return undefined;
  const slash = rest.indexOf('/');
  const first = slash < 0 ? '' : rest.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === 'localhost';
  const registry = hasRegistry ? first : 'docker.io';
  const remainder = hasRegistry ? rest.slice(slash + 1) : rest;
  const colon = remainder.lastIndexOf(':');
  const tag = colon < 0 ? undefined : remainder.slice(colon + 1);
  let path = colon < 0 ? remainder : remainder.slice(0, colon);
  if (registry === 'docker.io' && !path.includes('/')) path = `library/${path}`;
  if (!registryPattern.test(registry) || !pathPattern.test(path)) return undefined;
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  return { registry, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** The full text of a reference; without tag and digest it means `latest`. */
export function formatImageReference(reference: ImageReference): string {
  const version = reference.digest
    ? `${reference.tag ? `:${reference.tag}` : ''}@${reference.digest}`
    : `:${reference.tag ?? 'latest'}`;
  return `${reference.registry}/${reference.path}${version}`;
}

/**
 * The image that answers for `name` under the map, in full. Undefined where `name` is no image name. An exact rule without tag or
 * digest answers for all of them and, where its target has none, keeps what was asked for.
 */
export function resolveImage(name: string, map: MirrorMap): string | undefined {
  const asked = parseImageReference(name);
  if (!asked) return undefined;
  const repository = `${asked.registry}/${asked.path}`;
  const best = map.rules
    .map((rule) => ({ rule, weight: weightOf(rule, asked, repository) }))
    .filter((candidate) => candidate.weight > 0)
    .reduce<{ rule: MirrorRule; weight: number } | undefined>(
      (found, candidate) => (found && found.weight >= candidate.weight ? found : candidate),
      undefined,
    );
  return formatImageReference(best ? rewrite(best.rule, asked, repository) : asked);
}

function weightOf(rule: MirrorRule, asked: ImageReference, repository: string): number {
  if (rule.kind === 'digest') return rule.from === asked.digest ? 4_000_000 : 0;
  if (rule.kind === 'prefix') return repository.startsWith(rule.from) ? rule.from.length : 0;
  if (`${rule.from.registry}/${rule.from.path}` !== repository) return 0;
  if (!rule.from.tag && !rule.from.digest) return 1_000_000;
  if (rule.from.digest) return rule.from.digest === asked.digest ? 3_000_000 : 0;
  return rule.from.tag === (asked.tag ?? 'latest') && !asked.digest ? 2_000_000 : 0;
}

function rewrite(rule: MirrorRule, asked: ImageReference, repository: string): ImageReference {
  if (rule.kind !== 'prefix') {
    if (rule.to.tag || rule.to.digest) return rule.to;
    const { tag, digest } = asked;
    return { ...rule.to, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
  }
  const full = `${rule.to}${repository.slice(rule.from.length)}`;
  const slash = full.indexOf('/');
  return { ...asked, registry: full.slice(0, slash), path: full.slice(slash + 1) };
}

/**
 * Reads `mirrors.yaml`: `mirrors:` with a list of `{from, to}`. `from` is an image name (all tags, or the one given), a prefix that
 * ends with `/`, or a digest `sha256:…`; `to` an image name, for a prefix again a prefix.
 */
export function parseMirrorMap(text: string): Result<MirrorMap> {
  if (text.length > maxMapSize) return refused(problem('', 'mirrors.yaml is larger than 1 MB.'));
  const document = parseDocument(text, { strict: true });
  const [error] = document.errors;
  if (error) return refused(problem('', `mirrors.yaml is not valid YAML: ${error.message.split('\n')[0]}`));
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 0 });
  } catch {
    return refused(problem('', 'mirrors.yaml must not use aliases.'));
  }
  if (content === null || content === undefined) return ok(noMirrors);
  const entries = isRecord(content) ? content['mirrors'] : undefined;
  if (!Array.isArray(entries)) return refused(problem('mirrors', 'mirrors.yaml needs a list "mirrors".'));
  if (entries.length > maxRules) return refused(problem('mirrors', `At most ${maxRules} mirrors.`));
  const rules: MirrorRule[] = [];
  const problems: Problem[] = [];
  entries.forEach((entry: unknown, index) => {
    const rule = parseRule(entry);
    if (typeof rule === 'string') problems.push(problem(`mirrors[${index}]`, rule));
    else rules.push(rule);
  });
  return problems.length > 0 ? refused(...problems) : ok({ rules });
}

function parseRule(entry: unknown): MirrorRule | string {
  if (!isRecord(entry) || typeof entry['from'] !== 'string' || typeof entry['to'] !== 'string')
    return 'A mirror needs "from" and "to", both text.';
  const { from, to } = entry as { from: string; to: string };
  if (from.endsWith('/')) {
    if (!to.endsWith('/')) return 'A prefix ("from" ends with "/") needs a prefix as "to".';
    if (!isPrefix(from) || !isPrefix(to)) return 'A prefix is "registry/" or "registry/path/".';
    return { kind: 'prefix', from, to };
  }
  const target = parseImageReference(to);
  if (!target) return `"to" is not an image name: ${JSON.stringify(to.slice(0, 100))}.`;
  if (digestPattern.test(from)) return { kind: 'digest', from, to: target };
  const source = parseImageReference(from);
  if (!source) return `"from" is not an image name: ${JSON.stringify(from.slice(0, 100))}.`;
  return { kind: 'exact', from: source, to: target };
}

function isPrefix(text: string): boolean {
  const [registry = '', ...path] = text.slice(0, -1).split('/');
  return registryPattern.test(registry) && (path.length === 0 || pathPattern.test(path.join('/')));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problem(field: string, message: string): Problem {
  return {
    code: 'InvalidMirrors',
    message,
    file: 'mirrors.yaml',
    ...(field && { field }),
  };
}
