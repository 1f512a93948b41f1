import { type Document, isMap, isPair, isScalar, isSeq, Lexer } from 'yaml';

/** Most tokens of one file, which are some 8,000 lines: what parses in a fraction of a second. */
export const maxYamlTokens = 60_000;
/** Most keys of one mapping of a file: people and forms edit it key by key. */
export const maxMappingKeys = 2_000;

/** Whether a text has more tokens than `most`; stops at the first one too many. */
export function hasMoreTokens(text: string, most: number): boolean {
  // No token is shorter than one character, and few files come near.
  if (text.length <= most) return false;
  let count = 0;
  for (const _token of new Lexer().lex(text)) {
    count += 1;
    if (count > most) return true;
  }
  return false;
}

/** What the mappings of a document are refused for; offsets are UTF-16 units from the start of the text. */
export interface MappingFault {
  readonly kind: 'duplicate-key' | 'too-many-keys';
  readonly offset: number;
}

/**
 * Keys that stand twice in one mapping, and mappings with more keys than `mostKeys`, at most ten. Linear, where the parser's own
 * search for duplicates compares each key with all before it. Merge keys (`<<`) may stand twice.
 */
export function findMappingFaults(document: Document, mostKeys = Number.POSITIVE_INFINITY): MappingFault[] {
  const faults: MappingFault[] = [];
  const open: unknown[] = [document.contents];
  for (let node = open.pop(); node !== undefined && faults.length < 10; node = open.pop()) {
    if (isPair(node)) open.push(node.value, node.key);
    if (isSeq(node) || isMap(node)) for (const item of node.items) open.push(item);
    if (!isMap(node)) continue;
    if (node.items.length > mostKeys) faults.push({ kind: 'too-many-keys', offset: node.range?.[0] ?? 0 });
    const seen = new Set<string>();
    for (const { key } of node.items) {
      if (!isScalar(key) || typeof key.value === 'symbol' || key.value === '<<') continue;
      // JSON has texts as keys only: there `1` and `"1"` are the same.
      const name = String(key.value);
      if (seen.has(name)) faults.push({ kind: 'duplicate-key', offset: key.range?.[0] ?? 0 });
      seen.add(name);
    }
  }
  return faults.toSorted((left, right) => left.offset - right.offset).slice(0, 10);
}
