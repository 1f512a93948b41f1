import { createHmac } from 'node:crypto';

const prefix = 'whsec_';

/** A secret as it is shown, from at least 24 random bytes (Standard Webhooks). */
export function toWebhookSecret(random: Uint8Array): string {
  return `${prefix}${Buffer.from(random).toString('base64')}`;
}

/** The headers of one attempt by the Standard Webhooks specification; `timestamp` is in seconds since the Unix epoch. */
export function signatureHeaders(given: {
  readonly secret: string;
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
}): Record<string, string> {
  const { secret, id, timestamp, body } = given;
  const key = Buffer.from(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret, 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}
