import type { BlueprintCard } from '@catalyst/model/api/blueprints.ts';

/** Blueprints of a category (empty: all) that carry every word of the search in title, name, tagline, category or tags. */
export function filterBlueprints(
  items: readonly BlueprintCard[],
  search: string,
  category: string,
): BlueprintCard[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return items.filter((item) => {
    if (category !== '' && item.category !== category) return false;
    const text = [item.title, item.name, item.tagline, item.category, ...item.tags].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Categories that occur, in alphabetical order, with how many Blueprints each has. */
export function categoriesOf(items: readonly BlueprintCard[]): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item.category, (counts.get(item.category) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => a.name.localeCompare(b.name));
}

/** `web-hosting` as `Web hosting`; up to three letters are an abbreviation. */
export function titleOfCategory(category: string): string {
  const words = category.replaceAll('-', ' ');
  if (words.length <= 3) return words.toUpperCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
