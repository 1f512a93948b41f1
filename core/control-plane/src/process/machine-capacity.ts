import { statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { Resources } from '@catalyst/model/views/plan.ts';

/** What this machine has in all; storage is that of the disk on which `directory` lies. Undefined where the disk cannot be asked. */
export function machineCapacity(directory: string): Resources | undefined {
  try {
    const { bsize, blocks } = statfsSync(directory);
    return {
      cpuMillis: availableParallelism() * 1000,
      memoryBytes: totalmem(),
      storageBytes: bsize * blocks,
    };
  } catch {
    return undefined;
  }
}
