import { type Alias, type Document, isAlias, isNode, type Node, visit } from 'yaml';

/** Anchors inside of a node, itself included. */
function anchorsIn(node: Node): Set<Node> {
  const found = new Set<Node>();
  visit(node, {
    Node(_key, inner) {
      if (!isAlias(inner) && inner.anchor) found.add(inner);
    },
  });
  return found;
}

/**
 * Call it before a node is taken out of the document: aliases elsewhere that point into it get what they point to, so that nothing
 * else changes. One anchor moves to the first place that uses it; of several nested ones each use gets a copy.
 */
export function releaseAnchors(document: Document, node: unknown): void {
  if (!isNode(node)) return;
  const anchored = anchorsIn(node);
  if (anchored.size === 0) return;
  const uses: { alias: Alias; target: Node }[] = [];
  visit(document, {
    Node(_key, inner) {
      // What is inside of the node goes with it.
      if (inner === node) return visit.SKIP;
      return undefined;
    },
    Alias(_key, alias) {
      const target = alias.resolve(document);
      if (target && anchored.has(target)) uses.push({ alias, target });
    },
  });
  if (uses.length === 0) return;
  const replacements = new Map<Alias, Node>();
  const moves = anchored.size === 1;
  for (const [index, { alias, target }] of uses.entries()) {
    if (moves && index > 0) break;
    replacements.set(alias, moves ? target : withoutAnchors(document, target));
  }
  visit(document, { Alias: (_key, alias) => replacements.get(alias) });
}

function withoutAnchors(document: Document, node: Node): Node {
  return document.createNode(node.toJS(document)) as Node;
}
