import { type Document, isAlias, isMap, isPair, isScalar, isSeq } from 'yaml';

/**
 * Whether the aliases of a document, merge keys among them, expand to more than `most` nodes beyond those that are written, or to
 * themselves. Counts without expanding: linear in the text.
 */
export function expandsBeyond(document: Document, most: number): boolean {
  const sizes = new Map<string, number>();
  let expanded = 0;

  function sizeOf(node: unknown): number {
    if (isAlias(node)) {
      // An anchor that is not complete yet holds itself.
      const size = sizes.get(node.source) ?? Number.POSITIVE_INFINITY;
      expanded += size;
      return size;
    }
    let size = 1;
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) sizes.delete(anchor);
    if (isPair(node)) size += sizeOf(node.key) + sizeOf(node.value);
    else if (isMap(node) || isSeq(node)) for (const item of node.items) size += sizeOf(item);
    if (anchor !== undefined) sizes.set(anchor, size);
    return size;
  }

  sizeOf(document.contents);
  return expanded > most;
}
