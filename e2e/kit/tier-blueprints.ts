import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { testImage } from './images.ts';
import type { Sovereign } from './sovereign.ts';

/** A Blueprint for tests: a web server that shows its greeting and, at start, what each of its dependencies answers. */
export interface TestBlueprint {
  /** Without `bp-`. */
  readonly name: string;
  readonly version?: string;
  readonly depends?: readonly object[];
  /** Properties of the configSchema beside `greeting`. */
  readonly properties?: Readonly<Record<string, object>>;
  /** A bundle without an Application of its own. */
  readonly composite?: boolean;
}

const labels = { 'app.kubernetes.io/name': 'tier' };

/** The page is made before the server listens: what it depends on must answer first, or the container fails. */
const start = `
page="$GREETING"
for up in $UPSTREAMS; do
  part=$(timeout 5 wget -qO- "http://\${up#*=}/") || exit 1
  page="$page(\${up%%=*}:$part)"
done
echo "$page" >/tmp/index.html
trap 'exit 0' TERM
httpd -f -p 8080 -h /tmp & wait
`;

const templates = {
  'deployment.yaml': stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'tier' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'tier',
              image: testImage('busybox'),
              command: ['sh', '-c', start],
              env: [
                { name: 'GREETING', value: '{{ .Values.greeting }}' },
                {
                  name: 'UPSTREAMS',
                  value:
                    '{{ range $alias, $dependency := .Values.dependencies }}{{ $alias }}={{ $dependency.host }}:{{ $dependency.port }} {{ end }}',
                },
              ],
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
              resources: { limits: { cpu: '500m', memory: '32Mi' } },
            },
          ],
        },
      },
    },
  }),
  'service.yaml': stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'tier' },
    spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  }),
  'ingress.yaml': stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'tier' },
    spec: {
      rules: [
        {
          host: '{{ index .Values.application.hosts 0 }}',
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: 'tier', port: { name: 'http' } } },
              },
            ],
          },
        },
      ],
    },
  }),
} as const;

function manifestOf({
  name,
  version = '1.0.0',
  depends = [],
  properties = {},
  composite,
}: TestBlueprint): object {
  return {
    apiVersion: 'catalyst.openova.io/v1alpha1',
    kind: 'Blueprint',
    metadata: { name: `bp-${name}` },
    spec: {
      version,
      card: { title: name, tagline: `${name}, for tests`, category: composite ? 'composite' : 'general' },
      visibility: 'listed',
      ...(depends.length > 0 ? { depends } : {}),
      configSchema: {
        type: 'object',
        additionalProperties: false,
        properties: { greeting: { type: 'string', default: name }, ...properties },
      },
      ...(composite
        ? {}
        : {
            manifests: { source: { kind: 'HelmChart', ref: './chart' } },
            provides: { service: 'tier', port: 80 },
          }),
    },
  };
}

/** Puts a Blueprint into the Sovereign's own folder, as its administrator would. */
export function addBlueprint(sovereign: Pick<Sovereign, 'dataDirectory'>, blueprint: TestBlueprint): void {
  const { name, version = '1.0.0' } = blueprint;
  const folder = join(sovereign.dataDirectory, 'blueprints', `${name}-${version}`);
  // It is looked at while it is written, so the file that makes it a Blueprint comes last.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'chart/templates'), { recursive: true });
  if (!blueprint.composite) {
    for (const [file, text] of Object.entries(templates))
      writeFileSync(join(folder, 'chart/templates', file), text);
    const chart = {
      apiVersion: 'v2',
      name: `bp-${name}`,
      description: `${name}, for tests`,
      type: 'application',
      version,
      annotations: { 'catalyst.openova.io/no-upstream': 'true' },
    };
    writeFileSync(join(folder, 'chart/Chart.yaml'), stringify(chart));
    const values = {
      greeting: name,
      application: { name, environment: '', organization: '', hosts: [`${name}.localhost`], url: '' },
      dependencies: {},
    };
    writeFileSync(join(folder, 'chart/values.yaml'), stringify(values));
  }
  writeFileSync(join(folder, 'README.md'), `# ${name}\n`);
  writeFileSync(join(folder, 'blueprint.yaml'), stringify(manifestOf(blueprint)));
}
