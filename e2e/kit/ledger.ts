/** One change that was asked for under a mark of its own, which its commit carries. */
export interface AskedChange {
  readonly mark: string;
  readonly surface: 'api' | 'git';
  /** Application → commit; known once it was acknowledged. */
  readonly acknowledged?: Readonly<Record<string, string>>;
  /** Every Application that it touches: all of them carry the mark, or none does. */
  readonly applications: readonly string[];
}

/** Remembers what was asked for and what was acknowledged, outside the Sovereign that is being killed. */
export interface Ledger {
  asked(change: AskedChange): void;
  /** The answer has arrived: from now on the change may never be missing. */
  acknowledge(mark: string, commits: Readonly<Record<string, string>>): void;
  changes(): readonly AskedChange[];
  acknowledgedCount(): number;
}

/** Creates an empty ledger. */
export function createLedger(): Ledger {
  const changes = new Map<string, AskedChange>();
  return {
    asked: (change) => void changes.set(change.mark, change),
    acknowledge(mark, commits) {
      const change = changes.get(mark);
      if (!change) throw new Error(`nobody asked for ${mark}`);
      changes.set(mark, { ...change, acknowledged: commits });
    },
    changes: () => [...changes.values()],
    acknowledgedCount: () => [...changes.values()].filter((change) => change.acknowledged).length,
  };
}
