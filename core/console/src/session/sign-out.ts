import { send } from '../api/client.ts';

/** Ends the session here and at the issuer, and leaves nothing of it in this page. */
export async function signOut(): Promise<void> {
  try {
    await send('POST', '/auth/logout');
  } finally {
    window.location.assign('/marketplace');
  }
}
