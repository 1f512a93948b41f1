import type {
  CreatedWebhook,
  CreateWebhook,
  DeliveryView,
  UpdateWebhook,
  WebhookView,
} from '@catalyst/model/api/webhooks.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { Result } from '@catalyst/model/problem.ts';

/**
 * Outgoing webhooks of Organizations. An event is delivered at least once, with the same id each time, to every active webhook that
 * asked for its kind; order is not kept. What was taken from the event spine survives a crash. Undefined and `NotFound` stand for a
 * webhook that the Organization does not have. Rights are judged by the caller.
 */
export interface Webhooks {
  start(): Promise<void>;
  /** Attempts under way are ended and made again after the next start. */
  stop(): Promise<void>;
  list(organization: string): readonly WebhookView[];
  find(organization: string, id: string): WebhookView | undefined;
  /** The secret is in this answer and never again. Refused: `InvalidUrl`, `BlockedUrl`, `TooMany` (20 in an Organization). */
  create(actor: Actor, organization: string, request: CreateWebhook): Promise<Result<CreatedWebhook>>;
  change(organization: string, id: string, change: UpdateWebhook): Promise<Result<WebhookView>>;
  /** False when there is none. What was still to be delivered is dropped. */
  remove(organization: string, id: string): Promise<boolean>;
  /** Attempts of the last seven days, newest first. */
  deliveries(organization: string, id: string, limit: number): Promise<readonly DeliveryView[] | undefined>;
  /** One more attempt of a message that is still kept, now. */
  redeliver(organization: string, id: string, message: string): Promise<Result<DeliveryView>>;
  /** One attempt of a `ping`, now, also where the webhook is switched off. */
  ping(organization: string, id: string): Promise<Result<DeliveryView>>;
  /** Forgets all of an Organization that is being deleted. Idempotent. */
  removeOrganization(organization: string): Promise<void>;
}
