import { join } from 'node:path';
import { createFolderBlueprintSource } from '../adapters/blueprint-source/folders/folder-blueprint-source.ts';
import { createSqliteDatabase } from '../adapters/database/sqlite/sqlite-database.ts';
import { createSandboxedRenderer } from '../adapters/renderer/sandboxed/sandboxed-renderer.ts';
import { createEncryptedFileSecrets } from '../adapters/secrets/encrypted-file/encrypted-file-secrets.ts';
import { dataPath } from '../process/sovereign-folder.ts';
import { randomSecrets } from '../process/system-ports.ts';
import { findTool, repositoryRoot } from '../process/tools.ts';
import { createInstallations } from '../services/application-controller/installations.ts';
import { createCatalog } from '../services/catalog/create-catalog.ts';
import { createEnsureSecrets } from '../services/secret/ensure-secrets.ts';
import type { Context, createRuntime } from './runtime.ts';

/** Git, secrets, catalog and the agent that makes containers agree with them. */
export function createWriteSide(context: Context, parts: ReturnType<typeof createRuntime>) {
  const { folder, logger, lifecycle } = context;
  const { port } = folder.settings;
  const urlOf = (host: string) => `http://${host}:${port}`;
  const database = createSqliteDatabase({ path: dataPath(folder, 'database.sqlite') });
  lifecycle.add('database', () => database.close());
  const secrets = createEncryptedFileSecrets({ directory: dataPath(folder, 'secrets') });
  lifecycle.add('secrets', () => secrets.close());
  const renderer = createSandboxedRenderer({
    helm: findTool('helm', process.env),
    kubectl: findTool('kubectl', process.env),
    bwrap: findTool('bwrap', process.env),
    cacheDirectory: dataPath(folder, 'renders'),
    kubernetesVersion: '1.35.0',
    apiVersions: [],
    logger,
  });
  const blueprints = createFolderBlueprintSource({
    folders: [
      ...['platform', 'products'].map((name) => ({
        origin: 'catalog',
        directory: join(repositoryRoot, name),
      })),
      { origin: 'catalog-sovereign', directory: dataPath(folder, 'blueprints'), layout: 'free' },
    ],
    workDirectory: dataPath(folder, 'charts'),
    registryUrl: `localhost:${port}`,
    renderer,
    logger,
    watch: true,
  });
  const catalog = createCatalog({ source: blueprints });
  const installations = createInstallations({ database });
  const ensureSecrets = createEnsureSecrets({ secrets, catalog, generator: randomSecrets });
  return { database, secrets, renderer, blueprints, catalog, installations, ensureSecrets, urlOf, ...parts };
}
