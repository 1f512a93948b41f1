import type { KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { findMappingFaults } from '@catalyst/model/yaml/yaml-bounds.ts';
import { parseDocument, type Tags } from 'yaml';
import { guardAliases } from './guard-aliases.ts';
import { limits } from './limits.ts';

// Kubernetes reads YAML 1.1 (0644 is octal, "on" is true), yet without its times, sexagesimal numbers and sets.
const kubernetesTags = (tags: Tags): Tags =>
  tags.filter(
    (tag) =>
      typeof tag === 'string' ||
      !(tag.format === 'TIME' || /:(?:timestamp|binary|omap|pairs|set)$/.test(tag.tag)),
  );

const tooMany: Problem = {
  code: 'RenderLimit',
  message: `The render holds more than ${limits.objects} objects.`,
};

function isObject(value: unknown): value is KubernetesObject {
  if (value === null || typeof value !== 'object') return false;
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  const name =
    metadata !== null && typeof metadata === 'object'
      ? (metadata as Record<string, unknown>)['name']
      : undefined;
  return (
    typeof apiVersion === 'string' && typeof kind === 'string' && typeof name === 'string' && name !== ''
  );
}

/** True where every number is finite and nothing is deeper than the bound. */
function isJson(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  return (
    depth < limits.yamlDepth &&
    typeof value === 'object' &&
    Object.values(value).every((child) => isJson(child, depth + 1))
  );
}

function parseOne(text: string, number: number): Result<unknown> {
  const field = `object ${number}`;
  if (text.length > limits.documentBytes)
    return refused({ code: 'RenderLimit', field, message: 'An object is larger than 1 MB.' });
  const bombs = guardAliases(text, field);
  if (bombs.length > 0) return refused(...bombs);
  try {
    const document = parseDocument(text, {
      version: '1.1',
      merge: true,
      customTags: kubernetesTags,
      logLevel: 'silent',
      uniqueKeys: false,
    });
    const error = document.errors[0];
    if (error !== undefined)
      return refused({
        code: 'RenderFailed',
        field,
        message: `What was rendered is not YAML: ${error.message.split('\n', 1)[0]}`,
      });
    if (findMappingFaults(document).length > 0)
      return refused({
        code: 'RenderFailed',
        field,
        message: 'What was rendered is not YAML: Map keys must be unique',
      });
    const value: unknown = document.toJS({ maxAliasCount: limits.aliasNodes });
    return isJson(value)
      ? ok(value)
      : refused({
          code: 'RenderFailed',
          field,
          message: 'What was rendered is nested too deeply or holds a value that JSON cannot.',
        });
  } catch {
    return refused({ code: 'RenderFailed', field, message: 'What was rendered cannot be read.' });
  }
}

/**
 * Kubernetes objects from what a tool printed, in the order printed; Lists are unpacked. Each object has apiVersion, kind and a
 * name. Bounded in count, size and depth. Yields to the event loop between objects.
 */
export async function parseObjects(output: string): Promise<Result<readonly KubernetesObject[]>> {
  const texts = output.split(/^---(?:[ \t].*)?$/m).filter((text) => /^[^#\s]/m.test(text));
  if (texts.length > limits.objects) return refused(tooMany);
  const objects: KubernetesObject[] = [];
  for (const [index, text] of texts.entries()) {
    const parsed = parseOne(text, index + 1);
    if (!parsed.ok) return parsed;
    for (const value of unpack(parsed.value)) {
      if (!isObject(value))
        return refused({
          code: 'RenderFailed',
          field: `object ${index + 1}`,
          message: 'An object needs apiVersion, kind and metadata.name.',
        });
      objects.push(value);
    }
    if (objects.length > limits.objects) return refused(tooMany);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return ok(objects);
}

function unpack(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  const { kind, apiVersion, items } = value as Record<string, unknown>;
  return kind === 'List' && apiVersion === 'v1' && Array.isArray(items) ? items : [value];
}
