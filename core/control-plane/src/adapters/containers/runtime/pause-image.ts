import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { CatalystError, codes } from '@catalyst/model/problem.ts';
import { pack } from 'tar-stream';
import type { Engine } from './engine.ts';

/**
 * Machine code of a program that only waits. It is PID 1 of a sandbox, whose process namespace nobody shares, so there is nothing
 * to reap; as PID 1 it ignores every signal but SIGKILL. Made here because it needs no registry and 8 kB of memory per Pod.
 */
const programs: Readonly<Record<string, { machine: number; code: readonly number[] }>> = {
  // mov eax, 34 (pause); syscall; jmp back
  x64: { machine: 62, code: [0xb8, 0x22, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7] },
  // mov x0..x4, 0; mov x8, 73 (ppoll without descriptors and time-out); svc 0; b back
  arm64: {
    machine: 183,
    code: [
      0x00, 0x00, 0x80, 0xd2, 0x01, 0x00, 0x80, 0xd2, 0x02, 0x00, 0x80, 0xd2, 0x03, 0x00, 0x80, 0xd2, 0x04,
      0x00, 0x80, 0xd2, 0x28, 0x09, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4, 0xf9, 0xff, 0xff, 0x17,
    ],
  },
};

/** A static ELF executable of under 200 bytes that waits for ever. Throws `Unavailable` on an unknown processor. */
export function pauseProgram(arch: string): Buffer {
  const program = programs[arch];
  if (!program)
    throw new CatalystError(codes.Unavailable, `Containers are not supported on processors of kind ${arch}.`);
  const header = Buffer.alloc(120);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(program.machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(0x400078n, 24);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(1, 64);
  header.writeUInt32LE(5, 68);
  header.writeBigUInt64LE(0x400000n, 80);
  header.writeBigUInt64LE(0x400000n, 88);
  const size = BigInt(header.length + program.code.length);
  header.writeBigUInt64LE(size, 96);
  header.writeBigUInt64LE(size, 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([header, Buffer.from(program.code)]);
}

/** Reference of the sandbox image for this processor; another program is another tag. */
export function pauseReference(arch: string): string {
  const hash = createHash('sha256').update(pauseProgram(arch)).digest('hex').slice(0, 12);
  return `localhost/catalyst-pause:${hash}`;
}

/** Makes sure that the sandbox image is in the engine; an import of one tar, the same on Docker and Podman. */
export async function ensurePauseImage(engine: Engine, arch: string = process.arch): Promise<string> {
  const reference = pauseReference(arch);
  try {
    await engine.call('look for the sandbox image', 10_000, (docker) => docker.getImage(reference).inspect());
    return reference;
  } catch (error) {
    if (!(error instanceof CatalystError) || error.code !== codes.NotFound) throw error;
  }
  const archive = pack();
  archive.entry({ name: 'pause', mode: 0o755 }, pauseProgram(arch));
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  await engine.call('make the sandbox image', 60_000, async (docker) => {
    const answer = await docker.importImage(Readable.from([Buffer.concat(chunks)]), {
      // The tag is part of `repo`: Podman ignores the parameter `tag`.
      repo: reference,
    });
    for await (const part of answer) void part;
  });
  return reference;
}
