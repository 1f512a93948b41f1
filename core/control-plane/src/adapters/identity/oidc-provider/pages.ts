import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

const style = `
:root{color-scheme:light dark;--bg:#f4f5f7;--card:#fff;--ink:#1a1d21;--dim:#5b6470;--line:#c4cad3;--accent:#1f5fbf;--onaccent:#fff;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--bg:#16181c;--card:#212429;--ink:#eceef1;--dim:#a4adb9;--line:#48505b;--accent:#7fb2ff;--onaccent:#0d1420;--bad:#ff9a92}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{width:min(100% - 2rem,24rem);background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1.75rem;margin:1rem}
h1{font-size:1.35rem;margin:0 0 .25rem}p{margin:.25rem 0 1rem;color:var(--dim)}
label{display:block;font-weight:600;margin:1rem 0 .25rem}
input{width:100%;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:6px;padding:.6rem .7rem}
button,.button{display:block;width:100%;margin-top:1.5rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;border:0;border-radius:6px;padding:.7rem;background:var(--accent);color:var(--onaccent);cursor:pointer}
.quiet{background:transparent;color:var(--accent);border:1px solid var(--line);margin-top:.75rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
[role=alert]{color:var(--bad);border:1px solid currentColor;border-radius:6px;padding:.6rem .75rem;margin:1rem 0 0}
`;
const styleHash = createHash('sha256').update(style).digest('base64');

/** Headers of every page of the issuer: no script at all, one style sheet, never in a frame, never stored. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Writes a page with its headers and ends the response. */
export function sendPage(
  response: ServerResponse,
  status: number,
  html: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...pageHeaders,
    ...headers,
    'content-length': String(Buffer.byteLength(html)),
  });
  response.end(html);
}

/** The sign-in form. `action` is a path of the issuer. */
export function signInPage(options: {
  readonly action: string;
  readonly client: string;
  readonly email?: string;
  readonly error?: string;
}): string {
  const alert = options.error ? `<div role="alert" id="error">${escapeHtml(options.error)}</div>` : '';
  const described = options.error ? ' aria-invalid="true" aria-describedby="error"' : '';
  const focusPassword = options.error !== undefined && Boolean(options.email);
  return page(
    options.error ? 'Error: Sign in' : 'Sign in',
    `<h1>Sign in</h1><p>to ${escapeHtml(options.client)}</p>${alert}
<form method="post" action="${escapeHtml(options.action)}">
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="${escapeHtml(options.email ?? '')}"${described}${focusPassword ? '' : ' autofocus'}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="200"${described}${focusPassword ? ' autofocus' : ''}>
<button type="submit">Sign in</button>
</form>`,
  );
}

/** What went wrong, what to do, and the way back. */
export function messagePage(title: string, message: string, link?: { href: string; text: string }): string {
  const back = link ? `<a class="button" href="${escapeHtml(link.href)}">${escapeHtml(link.text)}</a>` : '';
  return page(title, `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(message)}</p>${back}`);
}

/** Asks whether to end the session; `form` is the provider's own hidden form. */
export function signOutPage(form: string): string {
  return page(
    'Sign out',
    `<h1>Sign out?</h1><p>This ends your session with this Sovereign.</p>${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
<button type="submit" form="op.logoutForm" class="quiet">Stay signed in</button>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${escapeHtml(title)} · Catalyst</title><style>${style}</style></head><body><main>${body}</main></body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
