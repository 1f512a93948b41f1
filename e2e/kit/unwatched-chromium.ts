import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** AUDIT_ARCH_… of <linux/audit.h>, and the number of `socket` of <asm/unistd.h>. */
const machines: Readonly<Record<string, readonly [arch: number, socket: number]>> = {
  x64: [0xc000003e, 41],
  arm64: [0xc00000b7, 198],
};
const [load, equal, give] = [0x20, 0x15, 0x06];
const [netlink, allow, refuse] = [16, 0x7fff0000, 0x00050000 + 97];

/** A seccomp program for `bwrap --seccomp`: no netlink sockets (EAFNOSUPPORT), and everything else as ever. */
function refuseNetlink(arch: number, socket: number): Buffer {
  const steps: readonly (readonly [code: number, ifTrue: number, ifFalse: number, k: number])[] = [
    [load, 0, 0, 4],
    [equal, 0, 4, arch],
    [load, 0, 0, 0],
    [equal, 0, 2, socket],
    [load, 0, 0, 16],
    [equal, 1, 0, netlink],
    [give, 0, 0, allow],
    [give, 0, 0, refuse],
  ];
  const program = Buffer.alloc(steps.length * 8);
  for (const [index, [code, ifTrue, ifFalse, k]] of steps.entries()) {
    program.writeUInt16LE(code, index * 8);
    program.writeUInt8(ifTrue, index * 8 + 2);
    program.writeUInt8(ifFalse, index * 8 + 3);
    program.writeUInt32LE(k, index * 8 + 4);
  }
  return program;
}

/** An executable, and the folder that it needs until the browser has ended. */
export interface UnwatchedChromium {
  readonly executable: string;
  readonly folder: string;
}

/**
 * An executable that starts this Chromium so that it cannot watch the machine's network. It gives up what it is about to ask
 * (`ERR_NETWORK_CHANGED`) whenever an interface comes or goes, and every Pod of every test has one. Undefined on another processor.
 */
export function unwatchedChromium(chromium: string): UnwatchedChromium | undefined {
  const machine = machines[process.arch];
  if (!machine) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'catalyst-chromium-'));
  const [filter, script] = [join(folder, 'filter'), join(folder, 'chromium')];
  writeFileSync(filter, refuseNetlink(...machine));
  writeFileSync(
    script,
    `#!/bin/sh\nexec bwrap --dev-bind / / --die-with-parent --seccomp 9 -- '${chromium}' "$@" 9<'${filter}'\n`,
  );
  chmodSync(script, 0o755);
  return { executable: script, folder };
}
