import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import type { JsonObject, KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { ok, type Result, refused } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import { parseYamlDocuments } from '@catalyst/model/yaml/parse-yaml.ts';
import type { BlueprintVersion } from '../../../../ports/blueprint-source.ts';
import type { GitOps, ReleaseTarget } from '../../../../ports/gitops.ts';
import type { Renderer } from '../../../../ports/renderer.ts';
import type { Workloads } from '../../../../ports/workloads.ts';
import { createSqliteDatabase } from '../../../database/sqlite/sqlite-database.ts';
import { clock, quiet, type RuntimeKit, startRuntimeKit, until } from '../../runtime/testing/kit.ts';
import { createContainerAgent } from '../container-agent.ts';

const execute = promisify(execFile);

/** An agent on a real engine, real Helm and Kustomize, and a real database; commits and Blueprints are put in by the test. */
export interface AgentKit {
  readonly engine: RuntimeKit;
  readonly secrets: Map<string, Readonly<Record<string, string>>>;
  /** Which Applications were asked to have their secrets made. */
  readonly secured: string[];
  gitops: GitOps;
  workloads: Workloads;
  readonly statuses: ReleaseStatus[];
  /** Registers a chart of templates; returns its digest. */
  chart(
    name: string,
    templates: Readonly<Record<string, string>>,
    binding?: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** Commits an Application with the chart and declares it. */
  install(
    application: string,
    digest: string,
    values?: JsonObject,
    more?: Partial<ApplicationDeclaration>,
  ): ReleaseTarget;
  uninstall(application: string, deleteVolumes?: readonly string[]): void;
  /** The same commits, not declared. */
  commit: AgentKit['install'];
  uninstalled(application: string, deleteVolumes?: readonly string[]): ReleaseTarget;
  status(application: string): ReleaseStatus | undefined;
  /** Waits for a reason of the Ready condition at the newest declaration. */
  reached(application: string, reason: string, timeoutMs?: number): Promise<ReleaseStatus>;
  /** Engine ids of the containers (sandboxes left out) of an Application, by name. */
  containers(application: string): Promise<{ id: string; name: string; state: string }[]>;
  /** Called in the middle of a look, once: when the agent next makes sure of a volume. */
  inNextLook(act: () => void): void;
  /** Whether that is still to come. */
  inLook(): boolean;
  /** How many renders there were. */
  renders(): number;
  /** A second agent on the same data, after the first one stopped. */
  restart(options?: { declare: boolean }): Promise<void>;
  close(): Promise<void>;
}

const environment = 'acme-dev';
const organization = 'acme';

/** Starts everything; `close` removes all of it. */
export async function startAgentKit(options: { secondMs?: number } = {}): Promise<AgentKit> {
  const engine = await startRuntimeKit();
  const root = await mkdtemp(join(tmpdir(), 'catalyst-agent-'));
  const database = createSqliteDatabase({ path: join(root, 'database.sqlite') });
  const commits = new Map<string, ReadonlyMap<string, Uint8Array>>();
  const blueprints = new Map<string, BlueprintVersion>();
  const secrets = new Map<string, Readonly<Record<string, string>>>();
  const secured: string[] = [];
  const statuses: ReleaseStatus[] = [];
  const latest = new Map<string, { status?: ReleaseStatus; target: ReleaseTarget }>();
  let count = 0;
  let renders = 0;
  let inLook: (() => void) | undefined;
  const runtime: typeof engine.runtime = {
    ...engine.runtime,
    async ensureVolume(...claim) {
      const act = inLook;
      inLook = undefined;
      act?.();
      await engine.runtime.ensureVolume(...claim);
    },
  };

  const build = () =>
    createContainerAgent({
      repositories: {
        files: async (_repository, revision) =>
          [...(commits.get(revision) ?? [])].map(([path, content]) => ({
            path,
            mode: '100644',
            sizeBytes: content.length,
            blob: '',
          })),
        read: async (_repository, revision, path) => commits.get(revision)?.get(path),
      },
      renderer: createPlainRenderer(root, () => {
        renders += 1;
      }),
      blueprints: { findByDigest: (digest) => blueprints.get(digest) },
      secrets: {
        read: async (path) => {
          const values = secrets.get(path);
          return values && { version: 1, values };
        },
      },
      runtime,
      database,
      clock,
      logger: quiet,
      domain: 'localhost',
      questions: {
        ensureSecrets: async (target) => {
          secured.push(target.application);
        },
      },
      secondMs: options.secondMs ?? 100,
    });
  const start = async (agent: ReturnType<typeof build>) => {
    await agent.gitops.start((status) => {
      statuses.push(status);
      const known = latest.get(status.application);
      if (known) known.status = status;
    });
    return agent;
  };
  const first = await start(build());
  const kit: AgentKit = {
    engine,
    secrets,
    secured,
    gitops: first.gitops,
    workloads: first.workloads,
    statuses,
    async chart(name, templates, binding) {
      const digest = `sha256:${createHash('sha256')
        .update(JSON.stringify([name, templates]))
        .digest('hex')}`;
      const archive = await writeChart(join(root, 'charts', digest.slice(7, 19)), name, templates);
      const bindingArchive = binding && {
        archive: await writeChart(
          join(root, 'charts', `${digest.slice(7, 19)}-b`),
          `${name}-binding`,
          binding,
        ),
        digest: `sha256:${createHash('sha256').update(JSON.stringify(binding)).digest('hex')}`,
      };
      const spec = { provides: { service: name, port: 80 } };
      blueprints.set(digest, {
        name: `bp-${name}`,
        version: '1.0.0',
        digest,
        archive,
        blueprint: { spec },
        ...(bindingArchive ? { bindingArchive } : {}),
      } as unknown as BlueprintVersion);
      return digest;
    },
    install(application, digest, values, more) {
      const target = kit.commit(application, digest, values, more);
      kit.gitops.declare(target);
      return target;
    },
    commit(application, digest, values = {}, more = {}) {
      count += 1;
      const revision = String(count).padStart(40, '0');
      commits.set(revision, repositoryFiles(application, digest, values));
      const declaration: ApplicationDeclaration = {
        application,
        organization,
        environment,
        blueprint: { name: 'bp-test', version: '1.0.0', digest },
        requires: [],
        bindings: [],
        hosts: [],
        paused: false,
        ...more,
      };
      const target = { organization, environment, application, branch: 'develop', revision, declaration };
      latest.set(application, { target });
      return target;
    },
    uninstall(application, deleteVolumes) {
      kit.gitops.declare(kit.uninstalled(application, deleteVolumes));
    },
    uninstalled(application, deleteVolumes) {
      count += 1;
      const revision = String(count).padStart(40, '0');
      const target: ReleaseTarget = {
        organization,
        environment,
        application,
        branch: 'develop',
        revision,
        declaration: null,
        ...(deleteVolumes ? { deleteVolumes } : {}),
      };
      latest.set(application, { target });
      return target;
    },
    status: (application) => latest.get(application)?.status,
    reached: (application, reason, timeoutMs = 20_000) =>
      until(
        `${application} to be ${reason}`,
        async () => {
          const known = latest.get(application);
          const matches =
            known?.status?.revision === known?.target.revision && known?.status?.ready.reason === reason;
          return matches ? known?.status : undefined;
        },
        timeoutMs,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; last: ${JSON.stringify(latest.get(application)?.status?.ready)}`);
      }),
    async containers(application) {
      const all = await engine.engine.docker().listContainers({ all: true });
      return all
        .filter((info) => info.Labels['io.openova.catalyst.sovereign'] === engine.sovereignId)
        .filter((info) => info.Labels['io.openova.catalyst.application'] === application)
        .filter((info) => info.Labels['io.openova.catalyst.container'] !== undefined)
        .map((info) => ({ id: info.Id, name: info.Names[0] ?? '', state: info.State }));
    },
    inNextLook(act) {
      inLook = act;
    },
    inLook: () => inLook !== undefined,
    renders: () => renders,
    async restart({ declare } = { declare: true }) {
      await kit.gitops.stop();
      const next = build();
      kit.gitops = next.gitops;
      kit.workloads = next.workloads;
      for (const known of latest.values()) delete known.status;
      await start(next);
      if (declare) for (const { target } of latest.values()) kit.gitops.declare(target);
    },
    async close() {
      await kit.gitops.stop();
      await engine.close();
      await database.close();
      await rm(root, { recursive: true, force: true });
    },
  };
  return kit;
}

async function writeChart(
  folder: string,
  name: string,
  templates: Readonly<Record<string, string>>,
): Promise<string> {
  const files = { 'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`, 'values.yaml': '{}\n' };
  const all = {
    ...files,
    ...Object.fromEntries(Object.entries(templates).map(([path, text]) => [`templates/${path}`, text])),
  };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

function repositoryFiles(
  application: string,
  digest: string,
  values: JsonObject,
): ReadonlyMap<string, Uint8Array> {
  const files = {
    'base/release.yaml': `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: ${application} }
spec: { interval: 10m, url: 'oci://localhost/test', ref: { digest: '${digest}' } }
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: ${application} }
spec:
  interval: 10m
  targetNamespace: ${application}
  chartRef: { kind: OCIRepository, name: ${application} }
  valuesFrom: [{ kind: ConfigMap, name: values, valuesKey: overlay.yaml }]
`,
    'base/kustomizeconfig.yaml': `nameReference:
  - kind: ConfigMap
    version: v1
    fieldSpecs: [{ path: spec/valuesFrom/name, kind: HelmRelease }]
`,
    'base/kustomization.yaml': 'resources: [release.yaml]\nconfigurations: [kustomizeconfig.yaml]\n',
    'overlays/dev/kustomization.yaml': `namespace: ${application}
resources: [../../base]
configMapGenerator: [{ name: values, files: [overlay.yaml] }]
configurations: [../../base/kustomizeconfig.yaml]
`,
    'overlays/dev/overlay.yaml': JSON.stringify(values),
  };
  return new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]));
}

/** The real tools without a sandbox: what is rendered here was written by the test. */
function createPlainRenderer(root: string, onRender: () => void): Pick<Renderer, 'build' | 'template'> {
  const run = async (tool: string, args: readonly string[]): Promise<Result<readonly KubernetesObject[]>> => {
    onRender();
    try {
      const { stdout } = await execute(findTool(tool), args, { maxBuffer: 8_000_000 });
      const parsed = parseYamlDocuments(stdout, tool);
      return parsed.ok ? ok(parsed.value as unknown as KubernetesObject[]) : parsed;
    } catch (error) {
      return refused({
        code: 'RenderFailed',
        message: error instanceof Error ? error.message : String(error),
      });
    }
  };
  return {
    async build({ files, path }) {
      const folder = await mkdtemp(join(root, 'build-'));
      for (const [name, content] of files) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), content);
      }
      return run('kubectl', ['kustomize', '--load-restrictor=LoadRestrictionsNone', join(folder, path)]);
    },
    async template({ chart, release, values }) {
      const file = join(await mkdtemp(join(root, 'values-')), 'values.yaml');
      await writeFile(file, JSON.stringify(values));
      return run('helm', [
        'template',
        release.name,
        chart.archive,
        '--namespace',
        release.namespace,
        '--values',
        file,
      ]);
    },
  };
}

function findTool(name: string): string {
  const given = process.env[name === 'helm' ? 'CATALYST_HELM' : 'CATALYST_KUBECTL'];
  const cached = join(import.meta.dirname, '../../../../../../..', '.cache/tools/bin', name);
  return given ?? (existsSync(cached) ? cached : name);
}
