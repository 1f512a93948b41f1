import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ObjectObserved } from '@catalyst/model/events/cloud-event.ts';
import type { LogLine, LogRequest, Workloads } from './workloads.ts';

/** What an adapter's test provides: one Application that can be made to run a Pod that logs, with one claim. */
export interface WorkloadsContractKit {
  workloads(): Workloads;
  readonly environment: string;
  readonly application: string;
  readonly claim: string;
  /** Installs it; resolves when it runs. Its container writes the line `hello` first. */
  install(): Promise<{ pod: string; container: string }>;
  uninstall(): Promise<void>;
  until<T>(what: string, check: () => Promise<T | undefined>, timeoutMs?: number): Promise<T>;
}

/** The law of `Workloads` as tests; call it inside a `describe`. */
export function testWorkloads(kit: () => WorkloadsContractKit): void {
  const own = (objects: readonly ObjectObserved[]) =>
    objects.filter((object) => object.application === kit().application);
  const request = (pod: string, container: string, more: Partial<LogRequest> = {}): LogRequest => ({
    environment: kit().environment,
    application: kit().application,
    pod,
    container,
    previous: false,
    tailLines: 100,
    follow: false,
    signal: new AbortController().signal,
    ...more,
  });
  async function readAll(log: AsyncIterable<LogLine> | undefined): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for await (const line of log ?? []) lines.push(line);
    return lines;
  }

  it('reports what runs, complete each time, and what is gone as deleted', async () => {
    const seen: ObjectObserved[] = [];
    kit()
      .workloads()
      .onObject((object) => seen.push(object));
    const { pod } = await kit().install();
    const ready = await kit().until('a ready Pod', async () =>
      own(kit().workloads().snapshot()).find(
        (object) => object.kind === 'Pod' && object.status['ready'] === true,
      ),
    );
    assert.equal(ready.name, pod);
    assert.deepEqual(
      seen.findLast((object) => object.kind === 'Pod' && object.name === pod),
      ready,
    );
    await kit().uninstall();
    assert.deepEqual(own(kit().workloads().snapshot()), []);
    assert.equal(seen.findLast((object) => object.kind === 'Pod' && object.name === pod)?.deleted, true);
  });

  it('reads logs of its own Pods only', async () => {
    const { pod, container } = await kit().install();
    const lines = await kit().until('a log', async () => {
      const read = await readAll(await kit().workloads().logs(request(pod, container)));
      return read.length > 0 ? read : undefined;
    });
    assert.equal(lines[0]?.line, 'hello');
    assert.ok(!Number.isNaN(Date.parse(lines[0]?.at ?? '')));
    assert.equal(await kit().workloads().logs(request('nobody', container)), undefined);
    assert.equal(
      await kit()
        .workloads()
        .logs(request(pod, container, { application: 'other' })),
      undefined,
    );
    const abort = new AbortController();
    const following = readAll(
      await kit()
        .workloads()
        .logs(request(pod, container, { follow: true, signal: abort.signal })),
    );
    abort.abort();
    await following.catch(() => undefined);
  });

  it('keeps volumes after uninstall and deletes only those not in use', async () => {
    await kit().install();
    const { environment, application, claim } = kit();
    const inUse = async () => {
      const volumes = await kit().workloads().volumes(environment, application);
      return volumes.find((volume) => volume.claim === claim)?.inUse;
    };
    assert.equal(await inUse(), true);
    assert.deepEqual(await kit().workloads().deleteVolumes(environment, application, [claim]), []);
    await kit().uninstall();
    assert.equal(await inUse(), false);
    assert.deepEqual(await kit().workloads().deleteVolumes(environment, application, [claim, 'nobody']), [
      claim,
    ]);
    assert.equal(await inUse(), undefined);
  });
}
