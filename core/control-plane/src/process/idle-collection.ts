const everyMs = 5_000;
/** Processor time below which a look counts as quiet, as a part of the time since the look before. */
const quietShare = 0.05;
const quietLooks = 2;
/** Work after which it is worth while. */
const workMs = 2_000;

/** Says, look by look, when work has ended that may have left something behind. Pure but for what it remembers. */
export function createQuietWatch(): (look: {
  readonly cpuMs: number;
  readonly elapsedMs: number;
}) => boolean {
  let worked = 0;
  let quiet = 0;
  return ({ cpuMs, elapsedMs }) => {
    worked += cpuMs;
    quiet = cpuMs <= quietShare * elapsedMs ? quiet + 1 : 0;
    if (quiet < quietLooks || worked < workMs) return false;
    worked = 0;
    return true;
  };
}

/**
 * Gives the memory that work has taken back to the machine once the work is over: V8 alone keeps its garbage until it needs the room. Does
 * nothing in a Node that was started without `--expose-gc`.
 */
export function startIdleCollection(collect = globalThis.gc): { stop(): void } {
  if (!collect) return { stop() {} };
  const isOver = createQuietWatch();
  // The start is work as well.
  let [usage, at] = [{ user: 0, system: 0 }, 0];
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(usage);
    const elapsedMs = performance.now() - at;
    [usage, at] = [process.cpuUsage(), performance.now()];
    if (!isOver({ cpuMs: (user + system) / 1_000, elapsedMs })) return;
    // An ordinary collection leaves what V8 and malloc may need again soon.
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    // What this took is no work.
    [usage, at] = [process.cpuUsage(), performance.now()];
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
