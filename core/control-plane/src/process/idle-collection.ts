const usualMs = 5_000;
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

/** What it looks at and does, instead of this process and its V8. */
export interface IdleCollectionParts {
  readonly collect?: ((how: NodeJS.GCOptions) => unknown) | undefined;
  /** Processor time of this process since it began, in microseconds. */
  readonly usage?: () => { readonly user: number; readonly system: number };
  readonly everyMs?: number;
}

/**
 * Gives the memory that work has taken back to the machine once the work is over: V8 and malloc alone keep it until they need the room.
 * What trickles in counts as well: at most one collection, of some 0.1 s, for every 2 s of work. Does nothing in a Node that was started
 * without `--expose-gc`.
 */
export function startIdleCollection(parts: IdleCollectionParts = {}): { stop(): void } {
  const { collect = globalThis.gc, usage = () => process.cpuUsage(), everyMs = usualMs } = parts;
  if (!collect) return { stop() {} };
  const isOver = createQuietWatch();
  const usedMs = () => (usage().user + usage().system) / 1_000;
  // The start is work as well.
  let [used, at] = [0, 0];
  const timer = setInterval(() => {
    const [nowUsed, now] = [usedMs(), performance.now()];
    const over = isOver({ cpuMs: nowUsed - used, elapsedMs: now - at });
    // An ordinary collection leaves what V8 and malloc may need again soon.
    if (over) collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    // What that took is no work.
    [used, at] = over ? [usedMs(), performance.now()] : [nowUsed, now];
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
