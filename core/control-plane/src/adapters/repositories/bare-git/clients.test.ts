import { clientsContract } from '../../../ports/repositories.clients.contract.ts';
import { startServed } from './testing/served.ts';

clientsContract('Bare Git', async () => {
  const served = await startServed();
  return { ...served, url: served.server.urlOf('alice', 'acme/shop.git') };
});
