import {
  type ContainerHealth,
  judgeHealth,
  type Probe,
  type ProbeState,
  type Probes,
  recordProbe,
  unprobed,
} from '@catalyst/model/workload/probes.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import { askProbe, type ProbeTarget } from './ask-probe.ts';

/** Health with the mark of a standing that no probe has confirmed yet. */
export interface ProbedHealth extends ContainerHealth {
  readonly assumed: boolean;
}

/** An assumed standing ends after this many seconds, whatever the probes do. */
const assumeSeconds = 20;

/** Probes one run of one container until stopped. */
export interface ContainerProbing {
  health(): ProbedHealth;
  stop(): void;
}

/**
 * Starts probing with Kubernetes' timing: each probe after its initial delay, then every period; readiness and liveness begin once
 * startup has passed. Before the first success it is also asked in between (0.1 s, doubling), which can only make a container ready
 * sooner: such failures do not count. `adopted`: it ran before we did, so it is assumed ready until a probe has answered.
 */
export function startProbing(options: {
  readonly runtime: Pick<PodRuntime, 'exec'>;
  readonly clock: Clock;
  readonly probes: Probes;
  readonly target: ProbeTarget;
  /** When the container started, milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly adopted: boolean;
  /** Milliseconds per second; smaller in tests. */
  readonly secondMs: number;
  readonly onChange: () => void;
}): ContainerProbing {
  const { clock, probes, secondMs } = options;
  const abort = new AbortController();
  const states: Record<keyof Probes, ProbeState> = {
    startup: unprobed,
    readiness: unprobed,
    liveness: unprobed,
  };
  const since = clock.now();
  let last = '';

  function health(): ProbedHealth {
    const judged = judgeHealth(probes, states);
    const answered = (name: keyof Probes) => states[name].failures > 0 || states[name].verdict !== 'unknown';
    const open =
      (judged.started ? probes.readiness && !answered('readiness') : !answered('startup')) === true;
    const young = clock.now() - since < assumeSeconds * secondMs;
    if (options.adopted && open && young)
      return { started: true, ready: true, restart: false, assumed: true };
    return { ...judged, assumed: false };
  }

  function changed(): void {
    const now = JSON.stringify(health());
    if (now === last || abort.signal.aborted) return;
    last = now;
    options.onChange();
  }

  async function ask(name: keyof Probes, probe: Probe, counts: boolean): Promise<boolean> {
    const answer = await askProbe(
      options.runtime,
      probe,
      options.target,
      Math.max(probe.timeoutSeconds * secondMs, 50),
    );
    if (abort.signal.aborted) return false;
    const before = states[name];
    if (answer.ok || counts) states[name] = recordProbe(probe, before, answer);
    else states[name] = { ...before, message: answer.message };
    changed();
    return answer.ok;
  }

  async function loop(name: keyof Probes, probe: Probe): Promise<void> {
    const first = options.startedAt + probe.initialDelaySeconds * secondMs;
    await clock.sleep(Math.max(first - clock.now(), 0), abort.signal);
    let tick = clock.now();
    let eagerMs = 100;
    while (!abort.signal.aborted) {
      const now = clock.now();
      const due = now >= tick;
      if (due) tick = Math.max(tick + probe.periodSeconds * secondMs, now);
      const good = await ask(name, probe, due);
      if (name === 'startup' && states.startup.verdict === 'passing') return;
      const eager = !good && states[name].verdict !== 'passing' && name !== 'liveness';
      const untilTick = Math.max(tick - clock.now(), 10);
      await clock.sleep(eager ? Math.min(eagerMs, untilTick) : untilTick, abort.signal);
      eagerMs = Math.min(eagerMs * 2, 5 * secondMs + 100);
    }
  }

  async function run(): Promise<void> {
    if (probes.startup) await loop('startup', probes.startup);
    await Promise.all([
      probes.readiness ? loop('readiness', probes.readiness) : undefined,
      probes.liveness ? loop('liveness', probes.liveness) : undefined,
    ]);
  }

  if (probes.startup || probes.readiness || probes.liveness) void run();
  last = JSON.stringify(health());
  return { health, stop: () => abort.abort() };
}
