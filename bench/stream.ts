import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { applicationKey } from '@catalyst/model/projection/keys.ts';
import { startNatsKit, testClock, testLogger } from '../core/control-plane/src/events/testing/nats-kit.ts';
import { createReadModel } from '../core/control-plane/src/read-model/nats-read-model.ts';
import type { Scale } from './sovereign.ts';
import { type Figure, inParallel, percentile } from './table.ts';

const environments = 100;
const eventsPerSecond = 100;
const environmentOf = (index: number) => `org${index % environments}-dev`;
const pathOf = (index: number) => `/v1/environments/${environmentOf(index)}/events`;

interface Fan {
  readonly p50: number;
  readonly p99: number;
  readonly received: number;
  readonly expected: number;
}

/** Many readers of many Environments on one process, from the write of the read model to the last of the readers. */
export async function measureStream(scale: Scale): Promise<Figure[]> {
  const clients = scale.full ? 5000 : 1000;
  const seconds = scale.full ? 20 : 5;
  const api = await measureApi(clients, seconds);
  const bare = await measureBare(clients, seconds);
  const rate = `${clients.toLocaleString('en')} clients on ${environments} Environments, ${eventsPerSecond} events/s in all`;
  const whole = api.received === api.expected;
  return [
    {
      what: `event stream, ${rate}: write of the card to its frame, p99 of ${api.received.toLocaleString('en')} frames${whole ? '' : ` (${api.expected.toLocaleString('en')} expected)`}`,
      value: api.p99,
      unit: 'ms',
      floor: { what: 'bare HTTP server that writes the same frames, p99', value: bare.p99 },
      budget: { words: 'under 250 ms', met: whole && api.p99 < 250 },
    },
    {
      what: 'the same, p50',
      value: api.p50,
      unit: 'ms',
      floor: { what: 'bare HTTP server, p50', value: bare.p50 },
    },
  ];
}

async function measureApi(clients: number, seconds: number): Promise<Fan> {
  const kit = await startNatsKit();
  const readModel = await createReadModel({ access: kit.access, logger: testLogger, clock: testClock });
  const child = await startChild({ access: kit.access });
  try {
    return await measureFan(child.port, clients, seconds, (index, sentAt) =>
      readModel.put(
        // A card of its own for each: what overtakes another state of the same card may leave that one out.
        applicationKey(environmentOf(index), `app${index}`),
        { name: `app${index}`, sentAt, padding: 'x'.repeat(900) },
        index + 1,
      ),
    );
  } finally {
    child.end();
    await readModel.stop();
    await kit.dispose();
  }
}

async function measureBare(clients: number, seconds: number): Promise<Fan> {
  const child = await startChild({ bare: true });
  try {
    return await measureFan(child.port, clients, seconds, async (index, sentAt) => {
      const data = `event: application\ndata: {"sentAt":${sentAt},"padding":"${'x'.repeat(900)}"}\n\n`;
      child.process.send({ path: pathOf(index), data });
    });
  } finally {
    child.end();
  }
}

async function startChild(
  how: object,
): Promise<{ readonly process: ChildProcess; readonly port: number; end(): void }> {
  const child = fork(new URL('../core/control-plane/src/api/testing/stream-child.ts', import.meta.url));
  child.send(how);
  const [port] = (await once(child, 'message')) as [number];
  return { process: child, port, end: () => child.kill('SIGKILL') };
}

/** Opens all streams, then sends at the pace and notes when each reader has each frame. */
async function measureFan(
  port: number,
  clients: number,
  seconds: number,
  send: (index: number, sentAt: number) => Promise<void>,
): Promise<Fan> {
  const samples: number[] = [];
  const sockets: Socket[] = [];
  try {
    await inParallel(clients, 50, async (index) => {
      sockets.push(await openStream(port, index, (sentAt) => samples.push(performance.now() - sentAt)));
    });
    await wait(2000);
    samples.length = 0;
    const count = seconds * eventsPerSecond;
    const start = performance.now();
    const sent: Promise<void>[] = [];
    for (let index = 0; index < count; index += 1) {
      await wait(Math.max(0, start + (1000 * index) / eventsPerSecond - performance.now()));
      sent.push(send(index, performance.now()));
    }
    await Promise.all(sent);
    const expected = count * (clients / environments);
    for (let waited = 0; samples.length < expected && waited < 10_000; waited += 100) await wait(100);
    return {
      p50: percentile(samples, 0.5),
      p99: percentile(samples, 0.99),
      received: samples.length,
      expected,
    };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** A reader as light as can be, as thousands of them share this machine with the server. Resolves with the snapshot. */
async function openStream(port: number, index: number, seen: (sentAt: number) => void): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    const frames = (text + chunk).split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      if (frame.includes('event: snapshot')) resolve();
      const sentAt = /event: application\n.*?"sentAt":([\d.]+)/s.exec(frame)?.[1];
      if (sentAt !== undefined) seen(Number(sentAt));
    }
  });
  socket.once('error', reject);
  socket.once('close', () => reject(new Error('the stream was closed')));
  const token = `org${index % environments}-${Math.floor(index / environments / 25)}`;
  socket.write(
    `GET ${pathOf(index)} HTTP/1.1\r\nhost: localhost:1\r\nauthorization: Bearer ${token}\r\naccept: text/event-stream\r\n\r\n`,
  );
  await promise;
  return socket;
}
