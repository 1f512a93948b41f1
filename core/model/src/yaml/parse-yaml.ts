import { LineCounter, parseAllDocuments, YAMLParseError } from 'yaml';
import type { Json } from '../kubernetes.ts';
import { ok, type Problem, type Result, refused } from '../problem.ts';
import {
  findMappingFaults,
  hasMoreTokens,
  type MappingFault,
  maxMappingKeys,
  maxYamlTokens,
} from './yaml-bounds.ts';
import { expandsBeyond } from './yaml-expansion.ts';

/** Largest file that is parsed, in UTF-16 units. */
export const maxYamlLength = 1024 * 1024;
/** Most alias expansions in one file (design.md section 6). */
export const maxAliasCount = 10_000;
const maxDepth = 64;
const maxDocuments = 200;

function tooDeep(value: unknown, depth = 0): boolean {
  if (depth > maxDepth) return true;
  if (Array.isArray(value)) return value.some((item) => tooDeep(item, depth + 1));
  if (value !== null && typeof value === 'object')
    return Object.values(value).some((item) => tooDeep(item, depth + 1));
  return false;
}

/**
 * Parses YAML that a stranger wrote: bounded in size, parts, keys, aliases, depth and documents; duplicate keys and custom tags are errors.
 * Empty documents are left out. Problems name the file and the line.
 */
export function parseYamlDocuments(text: string, file: string): Result<Json[]> {
  if (text.length > maxYamlLength)
    return refused({ code: 'TooLarge', file, message: 'The file is larger than 1 MB.' });
  if (hasMoreTokens(text, maxYamlTokens))
    return refused({ code: 'TooLarge', file, message: 'The file has too many parts; split it up.' });
  try {
    const lines = new LineCounter();
    // Helm and Kustomize merge `<<`; what is judged must be what they see.
    const documents = parseAllDocuments(text, {
      uniqueKeys: false,
      lineCounter: lines,
      version: '1.2',
      merge: true,
      logLevel: 'silent',
    });
    if (!Array.isArray(documents)) return ok([]);
    if (documents.length > maxDocuments)
      return refused({
        code: 'TooLarge',
        file,
        message: `The file holds more than ${maxDocuments} documents.`,
      });
    const problems: Problem[] = documents.flatMap((document) =>
      [...document.errors, ...document.warnings].map((error) => yamlProblem(error, file)),
    );
    if (problems.length === 0)
      for (const document of documents)
        for (const fault of findMappingFaults(document, maxMappingKeys))
          problems.push(mappingProblem(fault, lines.linePos(fault.offset), file));
    if (problems.length > 0) return refused(...problems.slice(0, 10));
    if (documents.some((document) => expandsBeyond(document, maxAliasCount))) return refused(aliasBomb(file));
    const values = documents
      .map((document) => document.toJS({ maxAliasCount }) as Json)
      .filter((value) => value !== null);
    if (values.some((value) => tooDeep(value)))
      return refused({
        code: 'TooDeep',
        file,
        message: `The file is nested deeper than ${maxDepth} levels.`,
      });
    return ok(values);
  } catch (error) {
    if (error instanceof ReferenceError) return refused(aliasBomb(file));
    return refused({
      code: 'InvalidYaml',
      file,
      message: error instanceof Error ? firstLine(error.message) : 'The file is not YAML.',
    });
  }
}

/** Parses a file that must hold exactly one mapping; an empty file is an empty mapping. */
export function parseYamlObject(text: string, file: string): Result<Record<string, Json>> {
  const documents = parseYamlDocuments(text, file);
  if (!documents.ok) return documents;
  const [value, ...more] = documents.value;
  if (more.length > 0)
    return refused({ code: 'InvalidYaml', file, message: 'The file must hold one document.' });
  if (value === undefined) return ok({});
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return refused({ code: 'InvalidYaml', file, message: 'The file must hold a mapping (key: value).' });
  return ok(value as Record<string, Json>);
}

function aliasBomb(file: string): Problem {
  return {
    code: 'AliasBomb',
    file,
    message: `The file's aliases expand to more than ${maxAliasCount} nodes, or to themselves.`,
  };
}

function mappingProblem(
  { kind }: MappingFault,
  { line, col }: { readonly line: number; readonly col: number },
  file: string,
): Problem {
  const field = `line ${line}`;
  return kind === 'duplicate-key'
    ? { code: 'InvalidYaml', file, field, message: `Map keys must be unique at line ${line}, column ${col}.` }
    : { code: 'TooLarge', file, field, message: `A mapping has more than ${maxMappingKeys} keys.` };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

function yamlProblem(
  error: { message: string; code?: string; linePos?: readonly { line: number }[] | undefined },
  file: string,
): Problem {
  const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
  return {
    code: 'InvalidYaml',
    file,
    ...(line === undefined ? {} : { field: `line ${line}` }),
    message: firstLine(error.message).replace(/:$/, '.'),
  };
}
