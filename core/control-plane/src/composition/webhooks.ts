import { randomBytes } from 'node:crypto';
import { toWebhookSecret } from '@catalyst/model/webhook/signature.ts';
import { ulid } from 'ulid';
import { createGuardedHttp } from '../adapters/outbound-http/guarded/guarded-http.ts';
import type { EventSpine } from '../events/event-spine.ts';
import { createWebhooks, type WebhooksDeps } from '../services/webhook/create-webhooks.ts';
import { createPullRequestPublisher } from '../services/webhook/pull-request-publisher.ts';

/** Outgoing webhooks with the guarded client, and what tells them of pull requests. */
export function createWebhookSide({
  version,
  domain,
  allowPrivate,
  ...deps
}: Pick<WebhooksDeps, 'database' | 'secrets' | 'clock' | 'logger'> & {
  readonly spine: EventSpine;
  readonly version: string;
  readonly domain: string;
  /** `--allow-private-webhooks` */
  readonly allowPrivate: boolean;
}) {
  const webhooks = createWebhooks({
    ...deps,
    http: createGuardedHttp({ allowPrivate, ownNames: [domain, 'localhost'] }),
    createId: () => ulid().toLowerCase(),
    createSecret: () => toWebhookSecret(randomBytes(32)),
    random: Math.random,
    userAgent: `Catalyst/${version}`,
  });
  return { webhooks, pullRequestPublisher: createPullRequestPublisher(deps) };
}
