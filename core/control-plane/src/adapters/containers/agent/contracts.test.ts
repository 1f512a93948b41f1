import { after, before, describe } from 'node:test';
import { type GitOpsContractKit, testGitOps } from '../../../ports/gitops.contract.ts';
import { testWorkloads, type WorkloadsContractKit } from '../../../ports/workloads.contract.ts';
import { until, whyNotHere } from '../runtime/testing/kit.ts';
import { type AgentKit, startAgentKit } from './testing/agent-kit.ts';

const template = (image: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 0
      volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]
      containers:
        - name: web
          image: "${image}"
          command: [sh, -c, echo hello; exec sleep 1000]
          env: [{ name: TEXT, value: "{{ .Values.text }}" }, { name: KEY, valueFrom: { secretKeyRef: { name: keys, key: key } } }]
          volumeMounts: [{ name: data, mountPath: /data }]
---
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { key: geheim }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 10Mi } } }
`;

describe('the container agent keeps its ports', { skip: whyNotHere() ?? false, concurrency: false }, () => {
  let kit: AgentKit;
  let digest: string;
  let bad: string;
  before(async () => {
    kit = await startAgentKit();
    digest = await kit.chart('contract', { 'all.yaml': template(kit.engine.image) });
    bad = await kit.chart('bad', { 'bad.yaml': 'apiVersion: v1\nkind: Node\nmetadata: { name: n }\n' });
  });
  after(() => kit.close());

  describe('GitOps', { concurrency: false }, () => {
    const contract: GitOpsContractKit = {
      gitops: () => kit.gitops,
      statuses: () => kit.statuses,
      target: (text) => kit.commit('shop', digest, { text }),
      refused: () => kit.commit('shop', bad),
      uninstalled: () => kit.uninstalled('shop'),
      running: async () => (await kit.containers('shop')).map((container) => container.id),
      restart: () => kit.restart({ declare: false }),
      until,
    };
    testGitOps(() => contract);
  });

  describe('Workloads', { concurrency: false }, () => {
    const contract: WorkloadsContractKit = {
      workloads: () => kit.workloads,
      environment: 'acme-dev',
      application: 'data',
      claim: 'data',
      async install() {
        kit.install('data', digest);
        await kit.reached('data', 'Ready');
        const pod = kit.workloads
          .snapshot()
          .find((object) => object.kind === 'Pod' && object.application === 'data');
        return { pod: pod?.name ?? '', container: 'web' };
      },
      async uninstall() {
        kit.uninstall('data');
        await until('removal', async () => (kit.status('data')?.removed ? true : undefined));
      },
      until,
    };
    testWorkloads(() => contract);
  });
});
