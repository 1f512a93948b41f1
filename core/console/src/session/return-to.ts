/** Where to go after signing in: a path of this console and nothing else, whatever the address says. */
export function safeReturnTo(value: string | null): string {
  if (!value?.startsWith('/') || /^\/[/\\]/.test(value) || hasControlCharacter(value))
    return '/organizations';
  return value;
}

function hasControlCharacter(text: string): boolean {
  return Array.from(text).some((character) => character < ' ');
}

/** The address that begins a sign-in and leads back. */
export function loginUrl(returnTo: string): string {
  return `/auth/login?returnTo=${encodeURIComponent(safeReturnTo(returnTo))}`;
}
