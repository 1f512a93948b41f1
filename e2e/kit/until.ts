import { setTimeout as wait } from 'node:timers/promises';

/** Waits until something is so; the last answer of `describe` is in the error. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
  describe: () => unknown = () => '',
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms. ${String(describe())}`);
    await wait(100);
  }
}
