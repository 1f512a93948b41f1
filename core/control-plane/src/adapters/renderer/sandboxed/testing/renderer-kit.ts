import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import type { Logger } from '../../../../ports/logger.ts';
import type { RendererSubject } from '../../../../ports/renderer.contract.ts';
import { createSandboxedRenderer, type SandboxedRendererOptions } from '../sandboxed-renderer.ts';

const root = fileURLToPath(new URL('../../../../../../../', import.meta.url));
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** The real tools of this machine. */
export const tools = {
  helm: process.env['CATALYST_HELM'] ?? join(root, '.cache/tools/bin/helm'),
  kubectl: process.env['CATALYST_KUBECTL'] ?? join(root, '.cache/tools/bin/kubectl'),
};

/** One entry of a test archive; `header` overrides what a chart would have. */
export interface ArchiveEntry {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly header?: Partial<Header>;
}

/** A `.tgz` of any entries, hostile ones too. */
export async function packEntries(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, content, header } of entries)
    tar.entry({ name, type: 'file', ...header }, content ?? '');
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

/** A renderer on the real tools with a folder of its own. */
export interface RendererKit extends RendererSubject {
  readonly directory: string;
  archive(entries: readonly ArchiveEntry[]): Promise<{ digest: string; archive: string }>;
}

/** Opens a kit; `close` removes its folder. */
export async function openRendererKit(options: Partial<SandboxedRendererOptions> = {}): Promise<RendererKit> {
  const directory = await mkdtemp(join(tmpdir(), 'catalyst-renderer-'));
  const renderer = createSandboxedRenderer({
    ...tools,
    cacheDirectory: join(directory, 'cache'),
    kubernetesVersion: '1.35.0',
    apiVersions: [],
    logger: silent,
    ...options,
  });
  const archive = async (entries: readonly ArchiveEntry[]) => {
    const bytes = await packEntries(entries);
    const path = join(directory, `${randomUUID()}.tgz`);
    await writeFile(path, bytes);
    return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, archive: path };
  };
  return {
    directory,
    renderer,
    archive,
    chart: (files) =>
      archive(Object.entries(files).map(([path, content]) => ({ name: `thing/${path}`, content }))),
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
