const pauses = [300, 1000, 2000];

/**
 * Loads a part of the console, again where that fails: a browser on the Sovereign's own machine breaks off what it loads whenever
 * an Environment gets its network (ERR_NETWORK_CHANGED). Fails with the last error.
 */
export async function loadPart<T>(load: () => Promise<T>, wait = sleep): Promise<T> {
  for (const pause of pauses) {
    try {
      return await load();
    } catch {
      await wait(pause);
    }
  }
  return load();
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
