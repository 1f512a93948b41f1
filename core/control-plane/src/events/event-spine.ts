import type { CatalystEvent } from '@catalyst/model/events/cloud-event.ts';

/** An event as consumed, with its place in the stream. */
export interface Delivered {
  readonly subject: string;
  /** Stream sequence, ascending. */
  readonly sequence: number;
  readonly event: CatalystEvent;
}

/** Which stream this is. Sequences of different streams cannot be compared. */
export interface StreamIdentity {
  /** Changes whenever the stream is made anew. */
  readonly id: string;
  readonly lastSequence: number;
}

/** Publish and durable subscribe on NATS JetStream, stream `catalyst` with subjects `ws.>` and `sv.>`. */
export interface EventSpine {
  /**
   * Resolves when the stream has acknowledged; the event's id makes a repeat harmless. Waits through a restart of the server;
   * throws `Unavailable` after 10 s, `TooLarge` for an event over 256 kB.
   */
  publish(subject: string, event: CatalystEvent): Promise<{ sequence: number }>;
  /**
   * At least once, in order. A handler that throws is tried again after a pause; nothing later overtakes. The position is kept
   * by the server under `durable`; a stream that was made anew is read from its beginning.
   */
  subscribe(
    durable: string,
    filter: string,
    handler: (delivered: Delivered) => Promise<void>,
  ): Promise<{ stop(): Promise<void> }>;
  /** As `subscribe`, with everything that has arrived handed over at once (1 to 512 events); acknowledged as a whole. */
  subscribeBatches(
    durable: string,
    filter: string,
    handler: (batch: readonly Delivered[]) => Promise<void>,
  ): Promise<{ stop(): Promise<void> }>;
  /** False while the server is away. */
  connected(): boolean;
  /** The stream as it is now. Throws `Unavailable`. */
  stream(): Promise<StreamIdentity>;
  /** Called when the stream was made anew, or has lost events that it had acknowledged (a power cut). */
  onStreamLost(listener: (identity: StreamIdentity) => void): void;
}
