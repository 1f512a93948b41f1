import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { CreatedWebhook, DeliveryView, WebhookView } from '@catalyst/model/api/webhooks.ts';
import type { Client } from './kit/client.ts';
import { ensureImages } from './kit/images.ts';
import { setUpAndSignIn } from './kit/sign-in.ts';
import { createSovereign, type Sovereign } from './kit/sovereign.ts';
import { until } from './kit/until.ts';
import { webApp } from './kit/web-app.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly status: number;
}

describe('webhooks', { timeout: 200_000 }, () => {
  const environment = 'acme-dev';
  const path = '/v1/organizations/acme/webhooks';
  const received: Received[] = [];
  let answer = 204;
  let receiver: Server;
  let sovereign: Sovereign;
  let client: Client;
  let hook: CreatedWebhook;
  const url = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const deliveries = async () =>
    (await client.json<{ items: DeliveryView[] }>('GET', `${path}/${hook.id}/deliveries`)).items;
  const types = () => received.map(({ body }) => JSON.parse(body).type as string);

  before(async () => {
    ensureImages('busybox');
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        received.push({ headers: request.headers, body, status: answer });
        response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    sovereign = await createSovereign({ arguments: ['--allow-private-webhooks'] });
    await sovereign.up();
    client = await setUpAndSignIn(sovereign);
    await client.json('POST', '/v1/organizations', { name: 'acme', environments: ['dev'] });
    hook = await client.json('POST', path, {
      url: url(),
      events: ['application.changed', 'application.running', 'application.removed'],
    });
  });
  after(async () => {
    receiver.close();
    receiver.closeAllConnections();
    await sovereign.destroy();
  });

  it('tells of an installation, signed with the secret that was shown once', async () => {
    const values = webApp('hello');
    await client.change(environment, {
      action: 'install',
      application: 'shop',
      blueprint: 'bp-web-app',
      values,
    });
    await client.waitFor(environment, 'shop', ({ state }) => state === 'Running');
    await until(
      'both came',
      () => received.length >= 2,
      60_000,
      () => JSON.stringify(types()),
    );
    assert.deepEqual(types(), ['application.changed', 'application.running']);
    for (const { headers, body } of received) {
      const key = Buffer.from(hook.secret.slice('whsec_'.length), 'base64');
      const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      assert.equal(
        headers['webhook-signature'],
        `v1,${createHmac('sha256', key).update(text).digest('base64')}`,
      );
    }
    const listed = await client.json<{ items: WebhookView[] }>('GET', path);
    assert.ok(!JSON.stringify(listed).includes('whsec_'));
  });

  it('delivers what was under way when the control plane was killed, with the same id', async () => {
    received.length = 0;
    answer = 503;
    await client.change(environment, { action: 'restart', application: 'shop' });
    await until('an attempt is written down', async () =>
      (await deliveries()).some((one) => one.status === 503),
    );
    await sovereign.kill();
    answer = 204;
    await sovereign.up();
    const refused = received.find(({ status }) => status === 503);
    await until(
      'it came again',
      () =>
        received.some(
          ({ status, headers }) => status === 204 && headers['webhook-id'] === refused?.headers['webhook-id'],
        ),
      60_000,
      () => JSON.stringify(types()),
    );
    await until('the log says so', async () =>
      (await deliveries()).some((one) => one.delivered && one.id === refused?.headers['webhook-id']),
    );
  });

  it('pings, delivers again, and is silent once removed', async () => {
    const ping = await client.json<DeliveryView>('POST', `${path}/${hook.id}/ping`);
    assert.ok(ping.delivered);
    const again = await client.json<DeliveryView>(
      'POST',
      `${path}/${hook.id}/deliveries/${ping.id}/redeliver`,
    );
    assert.deepEqual([again.id, again.attempt, again.delivered], [ping.id, 2, true]);
    await client.json('DELETE', `${path}/${hook.id}`);
    assert.equal((await client.call('GET', `${path}/${hook.id}`)).status, 404);
    assert.equal((await client.call('POST', `${path}/${hook.id}/ping`)).status, 404);
  });

  it('refuses what no Sovereign allows', async () => {
    for (const bad of [
      'http://169.254.169.254/',
      'https://user:pass@example.org/',
      'https://example.org:25/',
    ]) {
      const response = await client.call('POST', path, { url: bad, events: ['ping'] });
      assert.equal(response.status, 422, `${bad} ${response.body}`);
    }
  });
});
