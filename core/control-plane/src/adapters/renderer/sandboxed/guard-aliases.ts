import type { Problem } from '@catalyst/model/problem.ts';
import { type Document, isAlias, isCollection, isPair, type Node, parseAllDocuments } from 'yaml';
import { limits } from './limits.ts';

const mayHaveAliases = /(?:^|[\s[{,:-])\*[^\s*]/;

/** Counts nodes as if every alias were written out; Infinity for an alias inside its own anchor. */
function expandedSize(node: unknown, document: Document, sizes: Map<unknown, number>, depth: number): number {
  if (depth > limits.yamlDepth * 2) return Number.POSITIVE_INFINITY;
  const known = sizes.get(node);
  if (known !== undefined) return known;
  sizes.set(node, Number.POSITIVE_INFINITY);
  const size = sizeOf(node, document, sizes, depth);
  sizes.set(node, size);
  return size;
}

function sizeOf(node: unknown, document: Document, sizes: Map<unknown, number>, depth: number): number {
  const inner = (child: unknown) =>
    child === null || child === undefined ? 0 : expandedSize(child, document, sizes, depth + 1);
  if (isAlias(node)) {
    const target: Node | undefined = node.resolve(document);
    return target === undefined ? 1 : inner(target);
  }
  if (isPair(node)) return inner(node.key) + inner(node.value);
  if (isCollection(node)) return node.items.reduce((sum: number, item) => sum + inner(item), 1);
  return 1;
}

/**
 * Refuses YAML whose aliases expand to more than 10,000 nodes, without expanding them. What is not YAML is left to the tool to
 * refuse. Files without an alias are not parsed.
 */
export function guardAliases(text: string, file: string): Problem[] {
  if (!mayHaveAliases.test(text)) return [];
  const bomb: Problem = {
    code: 'AliasBomb',
    file,
    message: `The file's aliases expand to more than ${limits.aliasNodes} nodes.`,
  };
  try {
    const documents = parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false });
    for (const document of Array.isArray(documents) ? documents : [])
      if (expandedSize(document.contents, document, new Map(), 0) > limits.aliasNodes) return [bomb];
  } catch (error) {
    // The parser itself overflows the stack on absurd nesting.
    if (error instanceof RangeError)
      return [{ code: 'TooLarge', file, message: 'The file is nested too deeply.' }];
  }
  return [];
}
