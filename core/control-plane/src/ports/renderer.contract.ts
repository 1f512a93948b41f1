import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import type { ChartRender, Renderer } from './renderer.ts';

/** A renderer under test, and a way to give it a chart (files below the chart's folder). */
export interface RendererSubject {
  readonly renderer: Renderer;
  chart(files: Readonly<Record<string, string>>): Promise<ChartRender['chart']>;
  close(): Promise<void>;
}

const configMap = (name: string, data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: ${data}\n`;
const chartYaml = 'apiVersion: v2\nname: thing\nversion: 1.0.0\n';
const files = (content: Readonly<Record<string, string>>) =>
  new Map(Object.entries(content).map(([path, text]) => [path, Buffer.from(text)]));
const release = { name: 'blog', namespace: 'blog' };

/** The law of `Renderer` as tests. */
export function rendererContract(name: string, open: () => Promise<RendererSubject>): void {
  const using = (work: (subject: RendererSubject) => Promise<void>) => async () => {
    const subject = await open();
    try {
      await work(subject);
    } finally {
      await subject.close();
    }
  };
  const template = async (subject: RendererSubject, text: string, values: JsonObject = {}) =>
    subject.renderer.template({
      chart: await subject.chart({
        'Chart.yaml': chartYaml,
        'values.yaml': 'a: {x: 1, z: 2}\n',
        'templates/a.yaml': text,
      }),
      release,
      values,
    });

  describe(`Renderer: ${name}`, () => {
    it(
      'renders a chart with its values, release and versions',
      using(async (subject) => {
        const result = await template(
          subject,
          configMap(
            '{{ .Release.Name }}',
            '{{ printf "%s %v %s" .Release.Namespace .Values.a.z .Capabilities.KubeVersion.Version | quote }}',
          ),
          { a: { z: 3 } },
        );
        assert.ok(result.ok, JSON.stringify(result));
        assert.deepEqual(
          result.value.map((object) => [object.kind, object.metadata.name, object['data']]),
          [['ConfigMap', 'blog', { value: 'blog 3 v1.35.0' }]],
        );
      }),
    );
    it(
      'lets a null remove a default of the chart',
      using(async (subject) => {
        const result = await template(subject, configMap('a', '{{ .Values.a | toJson | quote }}'), {
          a: { x: null },
        });
        assert.ok(result.ok);
        assert.deepEqual(result.value[0]?.['data'], { value: '{"z":2}' });
      }),
    );
    it(
      'answers the same twice',
      using(async (subject) => {
        const first = await template(subject, configMap('a', 'b'));
        assert.deepEqual(await template(subject, configMap('a', 'b')), first);
      }),
    );
    it(
      'keeps hooks, reads numbers as Kubernetes does, and unpacks lists',
      using(async (subject) => {
        const hook =
          'apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: hook\n  annotations: {helm.sh/hook: pre-install}\nspec: {mode: 0644, on: yes, at: 12:30:45, day: 2001-12-14}\n';
        const list = `---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s}}\n`;
        const result = await template(subject, hook + list);
        assert.ok(result.ok, JSON.stringify(result));
        const job = result.value.find((object) => object.kind === 'Job');
        assert.deepEqual(job?.['spec'], { mode: 420, true: true, at: '12:30:45', day: '2001-12-14' });
        assert.ok(result.value.some((object) => object.kind === 'Secret'));
      }),
    );
    const failures: { name: string; text: string }[] = [
      { name: 'a template that is none', text: '{{ .Values.' },
      { name: 'a failing template', text: '{{ fail "no" }}' },
      { name: 'what is not YAML', text: 'a: [' },
      { name: 'an object without a kind', text: 'apiVersion: v1\nmetadata: {name: a}\n' },
    ];
    for (const { name: what, text } of failures)
      it(
        `says RenderFailed for ${what}`,
        using(async (subject) => {
          const result = await template(subject, text);
          assert.deepEqual(result.ok ? [] : result.problems.map((problem) => problem.code), ['RenderFailed']);
        }),
      );
    it(
      'builds a kustomization of one commit',
      using(async ({ renderer }) => {
        const result = await renderer.build({
          path: 'overlays/dev',
          files: files({
            'base/kustomization.yaml': 'resources: [a.yaml]\n',
            'base/a.yaml': configMap('a', 'one'),
            'overlays/dev/kustomization.yaml': 'namePrefix: dev-\nresources: [../../base]\n',
          }),
        });
        assert.ok(result.ok, JSON.stringify(result));
        assert.deepEqual(
          result.value.map((object) => object.metadata.name),
          ['dev-a'],
        );
      }),
    );
    const unstable: { name: string; text: string; code: string }[] = [
      {
        name: 'random values',
        text: configMap('a', '{{ randAlphaNum 10 | quote }}'),
        code: 'NotReproducible',
      },
      {
        name: 'lookup',
        text: configMap('a', '{{ lookup "v1" "Secret" "a" "b" | toJson | quote }}'),
        code: 'UsesLookup',
      },
    ];
    for (const { name: what, text, code } of unstable)
      it(
        `does not verify a chart with ${what}`,
        using(async (subject) => {
          const chart = await subject.chart({ 'Chart.yaml': chartYaml, 'templates/a.yaml': text });
          const result = await subject.renderer.verify({ chart, release, values: {} });
          assert.deepEqual(result.ok ? [] : result.problems.map((problem) => problem.code), [code]);
        }),
      );
    it(
      'verifies a chart that only speaks of lookup',
      using(async (subject) => {
        const chart = await subject.chart({
          'Chart.yaml': chartYaml,
          'templates/a.yaml': `{{/* lookup */}}\n# lookup\n${configMap('a', '{{ .Values.lookup | default "lookup" }}')}`,
        });
        const result = await subject.renderer.verify({ chart, release, values: {} });
        assert.ok(result.ok, JSON.stringify(result));
      }),
    );
  });
}
