import { createHash } from 'node:crypto';
import { entryHeader } from './headers.ts';

/** An answer that the proxy gives by itself: as a page to browsers, as problem details (RFC 9457) to everything else. */
export interface EntryAnswer {
  readonly status: number;
  /** PascalCase constant for programs. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** The Application's state, where the answer is about one. */
  readonly state?: string;
  readonly application?: string;
  readonly environment?: string;
  /** The page asks again by itself, and opens what it waited for. */
  readonly waits: boolean;
}

/** Status, headers and body of an answer, ready to be written. */
export interface WrittenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const style = `
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--text:#1c2530;--soft:#55606e;--line:#dfe3e8;--mark:#1a62c5}
@media (prefers-color-scheme:dark){:root{--ground:#13171c;--card:#1b2128;--text:#e8ecf1;--soft:#a3aebb;--line:#303842;--mark:#7db2ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:34rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
h1{margin:0 0 .75rem;font-size:1.375rem;line-height:1.3;overflow-wrap:anywhere}
p{margin:0 0 .75rem;overflow-wrap:anywhere}
.soft{color:var(--soft);font-size:.875rem;margin:0}
.state{display:inline-block;margin:0 0 1rem;padding:.125rem .625rem;border:1px solid var(--line);border-radius:1rem;font-size:.875rem;color:var(--mark)}
.state:empty{display:none}
`;

/** Asks for the same address until the answer no longer is one of the proxy's waiting answers. */
const script = `
(() => {
  const put = (id, text) => { const node = document.getElementById(id); if (node.textContent !== text) node.textContent = text; };
  const ask = async () => {
    try {
      const answer = await fetch(location.href, { headers: { accept: 'application/problem+json' }, cache: 'no-store', redirect: 'manual' });
      if (answer.headers.get('${entryHeader.toLowerCase()}') !== 'waiting') { location.reload(); return; }
      const problem = await answer.json();
      put('title', problem.title); put('state', problem.state || ''); put('detail', problem.detail);
      document.title = problem.title;
    } catch { put('detail', 'This machine does not answer at the moment.'); }
    setTimeout(ask, document.hidden ? 10000 : 2000);
  };
  setTimeout(ask, 2000);
})();
`;

const sourceHash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src ${sourceHash(style)}`,
  `script-src ${sourceHash(script)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

function toPage(answer: EntryAnswer): string {
  const waiting = answer.waits
    ? `<p class="soft">This page opens by itself as soon as it can.</p><noscript><meta http-equiv="refresh" content="5"></noscript><script>${script}</script>`
    : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(answer.title)}</title><style>${style}</style></head>
<body><main role="status" aria-live="polite"><h1 id="title">${escapeHtml(answer.title)}</h1>
<span class="state" id="state">${escapeHtml(answer.state ?? '')}</span>
<p id="detail">${escapeHtml(answer.detail)}</p>${waiting}</main></body></html>
`;
}

function toProblem(answer: EntryAnswer): string {
  const { status, code, title, detail, state, application, environment } = answer;
  return JSON.stringify({
    type: 'about:blank',
    title,
    status,
    code,
    detail,
    state,
    application,
    environment,
  });
}

/** Writes an answer for a client that accepts `accept`. */
export function writeAnswer(answer: EntryAnswer, accept: string | undefined): WrittenAnswer {
  const isPage = accept?.includes('text/html') === true;
  const body = isPage ? toPage(answer) : toProblem(answer);
  const headers: Record<string, string> = {
    'Content-Type': isPage ? 'text/html; charset=utf-8' : 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Vary: 'Accept',
    [entryHeader]: answer.waits ? 'waiting' : 'refused',
  };
  if (isPage) headers['Content-Security-Policy'] = contentSecurityPolicy;
  if (answer.status === 503) headers['Retry-After'] = '2';
  return { status: answer.status, headers, body };
}
