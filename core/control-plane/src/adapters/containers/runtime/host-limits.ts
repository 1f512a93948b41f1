import { readFileSync } from 'node:fs';
import { type Defaults, defaultLimits } from './container-body.ts';

/** The usual limits, lowered to what this process may hand on: where it may not raise limits, neither may the engine it starts. */
export function hostLimits(text: string = readLimits()): Defaults {
  return {
    ...defaultLimits,
    openFiles: Math.min(defaultLimits.openFiles, hardLimit(text, 'Max open files')),
    processes: Math.min(defaultLimits.processes, hardLimit(text, 'Max processes')),
  };
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}

function hardLimit(text: string, name: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(name));
  const hard = line?.slice(name.length).trim().split(/\s+/)[1];
  return hard && hard !== 'unlimited' ? Number(hard) : Number.POSITIVE_INFINITY;
}
