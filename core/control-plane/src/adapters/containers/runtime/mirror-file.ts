import { readFileSync, statSync } from 'node:fs';
import type { Logger } from '../../../ports/logger.ts';
import { type MirrorMap, noMirrors, parseMirrorMap } from './mirror-map.ts';

/**
 * The Sovereign's mirror map from a file that a sovereign-admin edits: read again when it has changed. Without a file there are no
 * mirrors; a file that cannot be read keeps the map of before and says why in the log.
 */
export function createMirrorFile({
  path,
  logger,
}: {
  readonly path: string;
  readonly logger: Logger;
}): () => MirrorMap {
  let map = noMirrors;
  let seen = '';

  return () => {
    let stamp = '';
    try {
      const info = statSync(path);
      stamp = `${info.mtimeMs}/${info.size}/${info.ino}`;
    } catch {
      map = noMirrors;
    }
    if (stamp === seen) return map;
    seen = stamp;
    if (stamp === '') return map;
    const parsed = parseMirrorMap(readFileSync(path, 'utf8'));
    if (parsed.ok) map = parsed.value;
    else
      logger.error(
        { path, problems: parsed.problems },
        'the mirror map cannot be used; the one of before stays',
      );
    return map;
  };
}
