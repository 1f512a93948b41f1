import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBase, writeOverlay } from '@catalyst/model/application-repository/write-files.ts';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { applicationHost, type EnvType, environmentName } from '@catalyst/model/names.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import { createFolderBlueprintSource } from '../../../adapters/blueprint-source/folders/folder-blueprint-source.ts';
import { createReleaseRenderer } from '../../../adapters/containers/agent/render-release.ts';
import { createSandboxedRenderer } from '../../../adapters/renderer/sandboxed/sandboxed-renderer.ts';
import { logger } from '../../../adapters/repositories/bare-git/testing/repositories-kit.ts';
import { findTool, repositoryRoot } from '../../../process/tools.ts';
import { createCatalog } from '../../catalog/create-catalog.ts';
import type { KitEngine } from './review-kit.ts';

const domain = 'localhost';
const blueprint = 'bp-web-app';
const unused = {
  files: (): never => {
    throw new Error('previews are given their files');
  },
  read: (): never => {
    throw new Error('previews are given their files');
  },
};

/** The Blueprints of this repository and real rendering: everything of an engine that does not run anything. */
export async function startWebAppEngine() {
  const directory = mkdtempSync(join(tmpdir(), 'catalyst-score-'));
  const source = createFolderBlueprintSource({
    folders: [{ origin: 'catalog', directory: join(repositoryRoot, 'platform') }],
    workDirectory: join(directory, 'charts'),
    registryUrl: 'localhost:8080',
    logger,
  });
  await source.start();
  const catalog = createCatalog({ source });
  const releases = createReleaseRenderer({
    repositories: unused,
    renderer: createSandboxedRenderer({
      helm: findTool('helm', process.env),
      kubectl: findTool('kubectl', process.env),
      bwrap: findTool('bwrap', process.env),
      cacheDirectory: join(directory, 'renders'),
      kubernetesVersion: '1.35.0',
      apiVersions: [],
      logger,
    }),
    blueprints: { findByDigest: (digest) => source.findByDigest(digest) },
    domain,
  });
  const views = new Map<string, ApplicationView>();
  const engine: KitEngine = {
    catalog,
    async preview(target, files) {
      const rendered = await releases.preview(target, files);
      return rendered.ok ? { ok: true, value: rendered.value.objects } : rendered;
    },
    viewOf: (environment, application) => views.get(`${environment}/${application}`),
  };
  return {
    engine,
    views,
    /** The files that install `bp-web-app` as `acme/shop` in an Environment. */
    filesOf(envType: EnvType, values: JsonObject): Record<string, string> {
      const version = catalog.find(blueprint, undefined, { organizations: ['acme'] });
      if (!version) throw new Error(`there is no ${blueprint}`);
      const about = { application: 'shop', organization: 'acme' };
      const environment = environmentName('acme', envType);
      const host = applicationHost('shop', environment, domain);
      return {
        ...writeBase({ ...about, blueprint: version, requires: [], secrets: [], values }),
        ...writeOverlay({
          ...about,
          environment,
          envType,
          hosts: [host],
          url: `http://${host}`,
          bindings: [],
          values: {},
        }),
      };
    },
    async stop() {
      await source.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
