import { send } from '../api/client.ts';

/** Ends the session here and at the issuer, leaves nothing of it in this page, and goes to a path of this console. */
export async function signOut(to = '/marketplace'): Promise<void> {
  try {
    await send('POST', '/auth/logout');
  } finally {
    window.location.assign(to);
  }
}
