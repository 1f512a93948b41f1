/** A piece of a line. */
export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'emphasis'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] };

/** A block of a document. */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: 'paragraph' | 'quote'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: 'rule' };

const maxLength = 200_000;
const maxDepth = 4;

/**
 * The part of Markdown that READMEs of Blueprints use: headings, paragraphs, lists, fenced code, quotes, tables, rules, and
 * code, strong, emphasis and links inside a line. HTML and images stay text. Strangers write this, so a link leads to http(s) only.
 */
export function parseMarkdown(source: string): Block[] {
  const lines = source.slice(0, maxLength).replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const [block, next] = parseBlock(lines, at);
    if (block) blocks.push(block);
    at = next;
  }
  return blocks;
}

function parseBlock(lines: readonly string[], at: number): [Block | undefined, number] {
  const line = lines[at] ?? '';
  if (line.trim() === '') return [undefined, at + 1];
  const fence = /^\s{0,3}(```+|~~~+)/.exec(line)?.[1];
  if (fence !== undefined) return parseFence(lines, at, fence);
  const heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (heading)
    return [
      { kind: 'heading', level: heading[1]?.length ?? 1, children: parseInline(heading[2] ?? '') },
      at + 1,
    ];
  if (/^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(line)) return [{ kind: 'rule' }, at + 1];
  if (listItem(line)) return parseList(lines, at);
  if (line.startsWith('>')) return parseRun(lines, at, 'quote', (text) => text.startsWith('>'));
  if (isTable(lines, at)) return parseTable(lines, at);
  return parseRun(lines, at, 'paragraph', (text, index) => index === at || !startsBlock(text));
}

function parseFence(lines: readonly string[], at: number, fence: string): [Block, number] {
  let end = at + 1;
  while (end < lines.length && !(lines[end] ?? '').trim().startsWith(fence)) end += 1;
  return [{ kind: 'code', text: lines.slice(at + 1, end).join('\n') }, end + 1];
}

function parseRun(
  lines: readonly string[],
  at: number,
  kind: 'quote' | 'paragraph',
  belongs: (text: string, index: number) => boolean,
): [Block, number] {
  let end = at;
  while (end < lines.length && (lines[end] ?? '').trim() !== '' && belongs(lines[end] ?? '', end)) end += 1;
  const text = lines
    .slice(at, end)
    .map((line) => line.replace(/^>\s?/, '').trim())
    .join(' ');
  return [{ kind, children: parseInline(text) }, Math.max(end, at + 1)];
}

function listItem(line: string): { ordered: boolean; text: string } | undefined {
  const match = /^\s*(?:([-*+])|(\d{1,9})[.)])\s+(.*)$/.exec(line);
  return match ? { ordered: match[2] !== undefined, text: match[3] ?? '' } : undefined;
}

function parseList(lines: readonly string[], at: number): [Block, number] {
  const ordered = listItem(lines[at] ?? '')?.ordered ?? false;
  const items: string[] = [];
  let end = at;
  for (; end < lines.length; end += 1) {
    const line = lines[end] ?? '';
    const item = listItem(line);
    if (item?.ordered === ordered) items.push(item.text);
    else if (line.trim() === '' && listItem(lines[end + 1] ?? '')?.ordered === ordered) continue;
    else if (/^\s{2,}\S/.test(line) && items.length > 0) items[items.length - 1] += ` ${line.trim()}`;
    else break;
  }
  return [{ kind: 'list', ordered, items: items.map((item) => parseInline(item)) }, end];
}

function startsBlock(line: string): boolean {
  return /^\s{0,3}(#{1,6}\s|```|~~~|>)/.test(line) || listItem(line) !== undefined;
}

function isTable(lines: readonly string[], at: number): boolean {
  return (lines[at] ?? '').includes('|') && /^\s*\|?\s*:?-{2,}[\s|:-]*$/.test(lines[at + 1] ?? '');
}

function parseTable(lines: readonly string[], at: number): [Block, number] {
  const rows: Inline[][][] = [];
  let end = at;
  for (; end < lines.length && (lines[end] ?? '').includes('|'); end += 1) {
    if (end === at + 1) continue;
    const cells = (lines[end] ?? '')
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|');
    rows.push(cells.map((cell) => parseInline(cell.trim())));
  }
  return [{ kind: 'table', rows }, end];
}

const inlinePattern =
  /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\[([^\]]{1,300})\]\(([^()\s]{1,500})\)|<(https?:\/\/[^>\s]{1,500})>/g;

function parseInline(text: string, depth = 0): Inline[] {
  if (depth > maxDepth) return [{ kind: 'text', text }];
  const found: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(inlinePattern)) {
    if (match.index > from) found.push({ kind: 'text', text: text.slice(from, match.index) });
    from = match.index + match[0].length;
    const [, code, strong, strongToo, emphasis, label, address, bare] = match;
    if (code !== undefined) found.push({ kind: 'code', text: code });
    else if (strong !== undefined || strongToo !== undefined)
      found.push({ kind: 'strong', children: parseInline(strong ?? strongToo ?? '', depth + 1) });
    else if (emphasis !== undefined)
      found.push({ kind: 'emphasis', children: parseInline(emphasis, depth + 1) });
    else if (bare !== undefined)
      found.push({ kind: 'link', href: bare, children: [{ kind: 'text', text: bare }] });
    else found.push(...link(label ?? '', address ?? '', depth));
  }
  if (from < text.length) found.push({ kind: 'text', text: text.slice(from) });
  return found;
}

function link(label: string, address: string, depth: number): Inline[] {
  const children = parseInline(label, depth + 1);
  return /^https?:\/\//i.test(address) ? [{ kind: 'link', href: address, children }] : children;
}
