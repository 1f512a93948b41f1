import { CatalystError, codes } from '@catalyst/model/problem.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Engine } from './engine.ts';
import { type MirrorMap, parseImageReference, resolveImage } from './mirror-map.ts';
import type { PodRuntime } from './pod-runtime.ts';

type Ensured = Awaited<ReturnType<PodRuntime['ensureImage']>>;

const pullTimeoutMs = 15 * 60_000;

/** Images of the engine, by the mirror map. */
export interface Images {
  ensure: PodRuntime['ensureImage'];
}

/** Finds images locally or pulls them without credentials; concurrent pulls of one image are one pull. */
export function createImages(deps: { engine: Engine; mirrors: () => MirrorMap; logger: Logger }): Images {
  const { engine } = deps;
  const pulls = new Map<string, Promise<Ensured>>();

  async function local(reference: string): Promise<string | undefined> {
    try {
      const image = await engine.call('look for an image', 15_000, (docker) =>
        docker.getImage(reference).inspect(),
      );
      return image.Id;
    } catch (error) {
      if (error instanceof CatalystError && error.code === codes.NotFound) return undefined;
      throw error;
    }
  }

  async function pull(reference: string): Promise<Ensured> {
    deps.logger.info({ image: reference }, 'Pulling an image');
    try {
      await engine.call(
        'pull the image',
        pullTimeoutMs,
        async (docker, abortSignal) => {
          const progress: NodeJS.ReadableStream = await docker.pull(reference, { abortSignal });
          await followPull(progress);
        },
        pullTimeoutMs,
      );
    } catch (error) {
      if (error instanceof CatalystError && error.code === codes.Unavailable) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      return { ok: false, reason: 'ErrImagePull', message: `could not be pulled: ${oneSentence(reason)}` };
    }
    const id = await local(reference);
    return id
      ? { ok: true, id }
      : { ok: false, reason: 'ErrImagePull', message: 'was pulled but is not there' };
  }

  async function ensure(image: string, policy: 'Always' | 'IfNotPresent' | 'Never'): Promise<Ensured> {
    const reference = resolveImage(image, deps.mirrors());
    if (!reference)
      return {
        ok: false,
        reason: 'InvalidImageName',
        message: 'is not named as registry/name:tag',
      };
    const isLocal = reference.startsWith('localhost/');
    if (policy !== 'Always' || isLocal) {
      const found = await firstLocal([reference, ...shortNames(image, reference)]);
      if (found) return { ok: true, id: found };
      if (policy === 'Never' || isLocal)
        return {
          ok: false,
          reason: 'ErrImagePull',
          message: `is not on this machine${isLocal ? '' : ', and its pull policy is Never'}`,
        };
    }
    const running = pulls.get(reference);
    if (running) return running;
    const started = pull(reference).finally(() => pulls.delete(reference));
    pulls.set(reference, started);
    return started;
  }

  async function firstLocal(references: readonly string[]): Promise<string | undefined> {
    for (const reference of references) {
      const id = await local(reference);
      if (id) return id;
    }
    return undefined;
  }

  return { ensure };
}

/** An image that somebody built on this machine as `name` is `localhost/name` in Podman. */
function shortNames(image: string, reference: string): string[] {
  const asked = parseImageReference(image);
  if (!asked || !reference.startsWith('docker.io/') || image.startsWith('docker.io/') || asked.digest)
    return [];
  const path = asked.path.replace(/^library\//, '');
  return [`localhost/${path}:${asked.tag ?? 'latest'}`];
}

/** Reads a pull's progress to its end; the engine reports failures inside of it. */
async function followPull(progress: NodeJS.ReadableStream): Promise<void> {
  let rest = '';
  let failure: string | undefined;
  for await (const chunk of progress) {
    rest = (rest + String(chunk)).slice(-1_000_000);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) failure = failureOf(line) ?? failure;
  }
  failure = failureOf(rest) ?? failure;
  if (failure) throw new Error(failure);
}

function failureOf(line: string): string | undefined {
  if (!line.includes('"error')) return undefined;
  try {
    const part = JSON.parse(line) as { error?: unknown; errorDetail?: { message?: unknown } };
    const message = part.errorDetail?.message ?? part.error;
    return typeof message === 'string' && message ? message : undefined;
  } catch {
    return undefined;
  }
}

function oneSentence(reason: string): string {
  const words = reason
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\/\/[^/@\s]+@/g, '//')
    .replace(/^Cannot pull the image: /, '')
    .trim();
  return words.slice(0, 400);
}
