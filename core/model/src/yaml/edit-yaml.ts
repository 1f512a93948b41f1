import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Json, JsonObject } from '../kubernetes.ts';
import { maxAliasCount } from './parse-yaml.ts';
import { sameJson } from './same-json.ts';
import { releaseAnchors } from './yaml-anchors.ts';

export { sameJson } from './same-json.ts';

/** Changing what has an anchor changes its aliases too; they get a value of their own on the next look. */
const maxLooks = 8;

/**
 * Rewrites a YAML mapping so that it says `wanted`, changing only what differs: comments, order and style of everything else
 * stay. A changed value below an alias or a merge key (`<<`) breaks that one alias or overrides that one key; all others keep
 * pointing to what they did. The text must be valid YAML (see `parseYamlObject`).
 */
export function editYaml(text: string, wanted: JsonObject): string {
  const document: Document = parseDocument(text, { merge: true, version: '1.2', uniqueKeys: false });
  const root = isMap(document.contents) ? document.contents : new YAMLMap(document.schema);
  if (!isMap(document.contents)) document.contents = root;
  const print = () => {
    if (root.items.length > 0) root.flow = false;
    return document.toString({ lineWidth: 0, flowCollectionPadding: /[[{] /.test(text) });
  };
  for (let look = 0; look < maxLooks; look += 1) {
    const present = (document.toJS({ maxAliasCount }) ?? {}) as JsonObject;
    if (sameJson(present, wanted)) return print();
    editMap({ document, root }, root, present, wanted);
  }
  if (!sameJson(document.toJS({ maxAliasCount }), wanted))
    root.items = (document.createNode(wanted) as YAMLMap).items;
  return print();
}

interface Edit {
  readonly document: Document;
  readonly root: YAMLMap;
}

function isMergePair(pair: Pair): boolean {
  return isScalar(pair.key) && (typeof pair.key.value === 'symbol' || pair.key.value === '<<');
}

function editMap(edit: Edit, map: YAMLMap, present: JsonObject, wanted: JsonObject): void {
  const gone = Object.keys(present).filter((key) => !Object.hasOwn(wanted, key));
  // What comes in by a merge cannot be left out of it: the merge is written out.
  if (gone.some((key) => !map.has(key))) writeOutMerges(edit, map, present);
  for (const key of gone) {
    releaseAnchors(edit.document, map.get(key, true));
    map.delete(key);
  }
  for (const [key, value] of Object.entries(wanted)) {
    if (Object.hasOwn(present, key) && sameJson(present[key], value)) continue;
    const child: unknown = map.get(key, true);
    if (editChild(edit, child, present[key], value)) continue;
    map.set(key, replacement(edit, child, value));
  }
}

/** Edits a node as it stands; false where it must be replaced. */
function editChild(edit: Edit, child: unknown, before: Json | undefined, value: Json): boolean {
  if (isMap(child) && isObject(before) && isObject(value)) editMap(edit, child, before, value);
  else if (isSeq(child) && Array.isArray(before) && Array.isArray(value) && before.length > 0)
    editList(edit, child, before, value);
  else if (isScalar(child) && (value === null || typeof value !== 'object')) child.value = value;
  else return false;
  return true;
}

/** A node for a new value, with the comments of the one that it replaces. */
function replacement({ document }: Edit, old: unknown, value: Json): unknown {
  releaseAnchors(document, old);
  const node = document.createNode(value) as unknown;
  if (!isNode(old) || !isNode(node)) return node;
  if (old.commentBefore) node.commentBefore = old.commentBefore;
  if (old.comment && isCollection(node) && !isCollection(old))
    node.commentBefore = [node.commentBefore, old.comment].filter(Boolean).join('\n');
  else if (old.comment) node.comment = old.comment;
  return node;
}

function writeOutMerges({ document }: Edit, map: YAMLMap, present: JsonObject): void {
  for (const pair of map.items.filter(isMergePair)) {
    releaseAnchors(document, pair.value);
    map.items.splice(map.items.indexOf(pair), 1);
  }
  for (const [key, value] of Object.entries(present))
    if (!map.has(key)) map.set(key, document.createNode(value));
}

/** Items that stay, and their comments, are found from both ends; what lies between is edited in place, added or removed. */
function editList(edit: Edit, list: YAMLSeq, before: readonly Json[], wanted: readonly Json[]): void {
  const places = matchItems(before, wanted);
  const old = [...list.items];
  const used = new Set(places.filter((place) => place !== undefined));
  for (const [index, item] of old.entries()) if (!used.has(index)) releaseAnchors(edit.document, item);
  const [first] = old;
  // What stands above the first item is kept with the list; it goes where the item goes.
  if (list.commentBefore && isNode(first) && used.has(0) && places[0] !== 0) {
    first.commentBefore = list.commentBefore;
    list.commentBefore = null;
  }
  list.items = wanted.map((value, index) => {
    const place = places[index];
    if (place === undefined) return edit.document.createNode(value);
    const item: unknown = old[place];
    const was = before[place];
    if (was !== undefined && sameJson(was, value)) return item;
    return editChild(edit, item, was, value) ? item : replacement(edit, item, value);
  });
}

/** For each wanted item the place of the one that it comes from; undefined where it is new. */
function matchItems(before: readonly Json[], wanted: readonly Json[]): (number | undefined)[] {
  const free = new Set(before.keys());
  const take = (place: number | undefined) => {
    if (place !== undefined) free.delete(place);
    return place;
  };
  const named = wanted.map((value) => {
    const name = nameOf(value);
    return name === undefined ? undefined : take([...free].find((place) => nameOf(before[place]) === name));
  });
  const equal = wanted.map(
    (value, index) => named[index] ?? take([...free].find((place) => sameJson(before[place], value))),
  );
  // What is left on both sides at the same position is taken for an edit of it.
  return equal.map((place, index) =>
    place === undefined && free.has(index) && nameOf(wanted[index]) === undefined ? take(index) : place,
  );
}

function nameOf(value: Json | undefined): Json | undefined {
  return isObject(value) && typeof value['name'] === 'string' ? value['name'] : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
