import assert from 'node:assert/strict';
import test from 'node:test';
import type { BlueprintCard } from '@catalyst/model/api/blueprints.ts';
import { categoriesOf, filterBlueprints, titleOfCategory } from './filter-blueprints.ts';

const card = (name: string, category: string, tags: string[]): BlueprintCard => ({
  name,
  version: '1.0.0',
  title: name.slice(3),
  tagline: `The tagline of ${name}`,
  category,
  tags,
  visibility: 'listed',
  requires: [],
  origin: 'catalog',
});
const items = [card('bp-wordpress', 'content', ['blog', 'php']), card('bp-mariadb', 'databases', ['sql'])];
const names = (found: BlueprintCard[]) => found.map((item) => item.name);

test('without search and category every Blueprint is found', () =>
  assert.equal(filterBlueprints(items, ' ', '').length, 2));
test('every word must occur, in any field and case', () => {
  assert.deepEqual(names(filterBlueprints(items, 'PHP word', '')), ['bp-wordpress']);
  assert.deepEqual(names(filterBlueprints(items, 'php sql', '')), []);
});
test('a category limits the search', () =>
  assert.deepEqual(names(filterBlueprints(items, '', 'databases')), ['bp-mariadb']));
test('categories are counted and sorted', () =>
  assert.deepEqual(categoriesOf([...items, card('bp-x', 'content', [])]), [
    { name: 'content', count: 2 },
    { name: 'databases', count: 1 },
  ]));
test('a category reads as words', () => assert.equal(titleOfCategory('web-hosting'), 'Web hosting'));
