// Control characters, line and paragraph separators, and marks that turn the direction of text around.
const unsafe = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** What people wrote as one line that can stand in a header: no line break, no control character, at most `most` characters. */
export function toHeaderText(text: string, most = 200): string {
  const line = text.replaceAll(unsafe, ' ').replaceAll(/ {2,}/g, ' ').trim();
  const characters = [...line];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line;
}
