import { CatalystError } from '@catalyst/model/problem.ts';
import { restartDelaySeconds, timeOf } from '@catalyst/model/workload/back-off.ts';
import type { PodTrouble } from '@catalyst/model/workload/pod-lifecycle.ts';
import type { ResolvedContainer } from '@catalyst/model/workload/pod-template.ts';
import { reasons } from '@catalyst/model/workload/reasons.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';

/** Images of one Pod's containers: had once, kept; missing ones are tried again with back-off for ever. */
export interface PodImages {
  /** True when it is there; false when it is being had or waits for its next try, which wakes the Pod. */
  have(container: ResolvedContainer): boolean;
  troubleOf(container: string): PodTrouble | undefined;
  trouble(): PodTrouble | undefined;
  stop(): void;
}

interface ImageState {
  readonly ready: boolean;
  readonly trouble?: PodTrouble;
}

/** Creates the images of a Pod; `title` names it in messages. */
export function createPodImages(deps: {
  readonly runtime: Pick<PodRuntime, 'ensureImage'>;
  readonly clock: Clock;
  readonly secondMs: number;
  readonly title: string;
  readonly wake: () => void;
}): PodImages {
  const states = new Map<string, ImageState>();
  const stopped = new AbortController();

  async function have(container: ResolvedContainer): Promise<void> {
    for (let attempt = 1; !stopped.signal.aborted; attempt += 1) {
      const failure = await tryOnce(container);
      if (!failure) {
        states.set(container.name, { ready: true });
        return deps.wake();
      }
      const seconds = restartDelaySeconds(attempt);
      const invalid = failure.reason === 'InvalidImageName';
      states.set(container.name, {
        ready: false,
        trouble: {
          reason: invalid
            ? reasons.InvalidImageName
            : attempt > 1
              ? reasons.ImagePullBackOff
              : reasons.ErrImagePull,
          message: `The image ${container.image} of ${deps.title} ${failure.words}; it is tried again at ${timeOf(deps.clock.now() + seconds * deps.secondMs)}.`,
          lasting: attempt > 1 || invalid,
        },
      });
      deps.wake();
      await deps.clock.sleep(seconds * deps.secondMs, stopped.signal);
    }
  }

  async function tryOnce(
    container: ResolvedContainer,
  ): Promise<{ reason: string; words: string } | undefined> {
    const words = (message: string) => message.replace(/[\s.;]+$/, '').slice(0, 500);
    try {
      const result = await deps.runtime.ensureImage(container.image, container.imagePullPolicy);
      return result.ok ? undefined : { reason: result.reason, words: words(result.message) };
    } catch (error) {
      const message = error instanceof CatalystError ? error.message : 'the container engine failed';
      return { reason: 'ErrImagePull', words: `could not be looked for: ${words(message)}` };
    }
  }

  return {
    have(container) {
      const state = states.get(container.name);
      if (!state) {
        states.set(container.name, { ready: false });
        void have(container);
      }
      return state?.ready ?? false;
    },
    troubleOf: (container) => states.get(container)?.trouble,
    trouble: () => [...states.values()].find((state) => state.trouble)?.trouble,
    stop: () => stopped.abort(),
  };
}
