import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliLab, firstLine, makeCliLab } from './support/cli.js';

/** Whether the program is there; without it these tests are skipped, and say so. */
const hasKubectl = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('kubectl is not installed: test/kubectl.test.ts is skipped');
    return false;
  }
})();

interface Result {
  status: number;
  out: string;
  err: string;
}

let lab: CliLab;
let kubeconfig: string;

function run(args: readonly string[], { input, env }: { input?: string; env?: { [name: string]: string } } = {}): Promise<Result> {
  return new Promise((resolve) => {
    const variables = { PATH: process.env['PATH'] ?? '', HOME: lab.folder, KUBECONFIG: kubeconfig, ...env };
    const child = execFile('kubectl', args, { cwd: lab.folder, env: variables, timeout: 20_000 }, (error, out, err) =>
      resolve({ status: error ? (typeof error.code === 'number' ? error.code : 1) : 0, out, err }),
    );
    child.stdin?.end(input);
  });
}

/** Runs a command line (no quoting: words are parted at blanks) that has to succeed. */
async function kubectl(line: string, options?: { input?: string; env?: { [name: string]: string } }): Promise<string> {
  const { status, out, err } = await run(line.split(' '), options);
  expect(`${status} ${err}`, line).toMatch(/^0 /);
  return out;
}

/** Rows of a table as cells. Columns are parted by more than one blank. */
const rows = (table: string) =>
  table
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd().split(/\s{2,}/));

const manifest = (image: string, replicas = 2) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [ { name: main, image: "${image}", ports: [ { containerPort: 80 } ] } ] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer, selector: { app: web }, ports: [ { name: http, port: 80 } ] }
`;

const age = expect.stringMatching(/^(\d+[smh])+$/);

describe.skipIf(!hasKubectl)('kubectl', () => {
  beforeAll(async () => {
    lab = makeCliLab();
    const child = lab.start(['sandbox', '--memory', '--pace', '0.1', '-o', 'json']);
    ({ kubeconfig } = JSON.parse(await firstLine(child)) as { kubeconfig: string });
  });
  afterAll(() => lab.close());

  it('says which server it talks to', async () => {
    expect(await kubectl('version')).toMatch(/Server Version: v1\.\d+\.\d+\+evenkeel/);
    expect(await kubectl('cluster-info')).toMatch(/Kubernetes control plane is running at https:\/\/127\.0\.0\.1:\d+/);
    expect(await kubectl('config view --minify')).toContain('current-context: evenkeel-sandbox');
    expect((await kubectl('api-versions')).split('\n')).toEqual(
      expect.arrayContaining(['apps/v1', 'batch/v1', 'v1', 'networking.k8s.io/v1']),
    );
    expect(rows(await kubectl('api-resources --api-group=apps'))).toEqual(
      expect.arrayContaining([
        ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'],
        ['deployments', 'deploy', 'apps/v1', 'true', 'Deployment'],
      ]),
    );
    expect(await kubectl('explain deployment.spec.strategy')).toMatch(
      /KIND: +Deployment[\s\S]*FIELD: strategy <DeploymentStrategy>[\s\S]*rollingUpdate/,
    );
    expect(await kubectl('auth can-i create deployments')).toBe('yes\n');
    expect(await kubectl('auth whoami')).toMatch(/Username +kubernetes-admin/);
    expect((await run(['top', 'nodes'])).err).toContain('Metrics API not available');
  });

  it('applies, and shows tables as people know them', async () => {
    expect(await kubectl('apply -f -', { input: manifest('nginx:1.25') })).toBe('deployment.apps/web created\nservice/web created\n');
    expect(await kubectl('apply -f -', { input: manifest('nginx:1.25') })).toBe('deployment.apps/web unchanged\nservice/web unchanged\n');
    expect(await kubectl('rollout status deployment/web')).toContain('deployment "web" successfully rolled out');
    expect(rows(await kubectl('get deployments -o wide'))).toEqual([
      ['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE', 'CONTAINERS', 'IMAGES', 'SELECTOR'],
      ['web', '2/2', '2', '2', age, 'main', 'nginx:1.25', 'app=web'],
    ]);
    const pod = [expect.stringMatching(/^web-\w+-\w{5}$/), '1/1', 'Running', '0', age];
    const [head, ...pods] = rows(await kubectl('get pods -l app=web -o wide'));
    expect(head).toEqual(['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', 'IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES']);
    const wide = [...pod, expect.stringMatching(/^10\.244\./), 'sandbox', '<none>', '<none>'];
    expect(pods).toEqual([wide, wide]);
    await kubectl('wait --for=jsonpath={.status.loadBalancer.ingress} service/web --timeout=10s');
    expect(rows(await kubectl('get service web'))).toEqual([
      ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'],
      [
        'web',
        'LoadBalancer',
        expect.stringMatching(/^10\./),
        expect.stringMatching(/^172\./),
        expect.stringMatching(/^80:3\d{4}\/TCP$/),
        age,
      ],
    ]);
    expect(rows(await kubectl('get nodes'))).toEqual([
      ['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION'],
      ['sandbox', 'Ready', '<none>', age, expect.stringMatching(/^v1\./)],
    ]);
    expect(rows(await kubectl('get namespaces'))).toEqual([
      ['NAME', 'STATUS', 'AGE'],
      ...['default', 'kube-node-lease', 'kube-public', 'kube-system'].map((name) => [name, 'Active', age]),
    ]);
    expect(rows(await kubectl('get pods -A'))[1]).toEqual(['default', ...pod]);
    const sorted = (await kubectl('get pods --sort-by=.metadata.name -o name')).trim().split('\n');
    expect(sorted).toEqual([...sorted].sort());
    expect(await kubectl('get deployment web -o jsonpath={.status.availableReplicas}')).toBe('2');
    expect(JSON.parse(await kubectl('get deployment web -o json'))).toMatchObject({ kind: 'Deployment', metadata: { name: 'web' } });
    expect(await kubectl('get deployment web -o yaml')).toMatch(/^apiVersion: apps\/v1\nkind: Deployment\n/);
    expect((await run(['get', 'deployment', 'nope'])).err).toBe('Error from server (NotFound): deployments.apps "nope" not found\n');
  });

  it('describes objects with what happened to them', async () => {
    const deployment = await kubectl('describe deployment web');
    expect(deployment).toMatch(/Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable/);
    expect(deployment).toMatch(
      /Events:\n.*Type +Reason +Age +From +Message\n.*\n +Normal +ScalingReplicaSet +\d+s +deployment-controller +Scaled up replica set web-\w+ from 0 to 2\n/,
    );
    const [pod = ''] = (await kubectl('get pods -l app=web -o name')).split('\n');
    const described = await kubectl(`describe ${pod}`);
    for (const line of [
      'Scheduled +\\d+s +default-scheduler +Successfully assigned default/web-',
      'Created +\\d+s +kubelet +Created container: main',
      'Started +\\d+s +kubelet +Started container main',
    ])
      expect(described).toMatch(new RegExp(`Normal +${line}`));
    expect(await kubectl('describe service web')).toMatch(
      /Endpoints: +10\.244\.[\d.]+:80,10\.244\.[\d.]+:80\n[\s\S]*EnsuredLoadBalancer +\d+s +service-controller +Ensured load balancer/,
    );
    const [head, first] = rows(await kubectl('get events --field-selector reason=ScalingReplicaSet'));
    expect(head).toEqual(['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']);
    expect(first).toEqual([age, 'Normal', 'ScalingReplicaSet', 'deployment/web', expect.stringContaining('Scaled up replica set')]);
    expect(await kubectl('events --for deployment/web')).toContain('Deployment/web');
  });

  it('tells differences, and conflicts of managers', async () => {
    const next = manifest('nginx:1.26', 3);
    const diff = await run(['diff', '-f', '-'], { input: next });
    expect(diff.status).toBe(1);
    expect(diff.out).toMatch(/^-\s+- image: nginx:1\.25\n\+\s+- image: nginx:1\.26$/m);
    expect((await run(['diff', '-f', '-'], { input: manifest('nginx:1.25') })).status).toBe(0);
    const apply = ['apply', '--server-side', '--field-manager=other', '-f', '-'];
    const refused = await run(apply, { input: next });
    expect(refused.status).toBe(1);
    expect(refused.err).toContain(
      'Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using apps/v1:\n- .spec.replicas\n- .spec.template.spec.containers[name="main"].image',
    );
    expect(await kubectl('apply --server-side --field-manager=other --force-conflicts -f -', { input: next })).toContain(
      'deployment.apps/web serverside-applied',
    );
    expect(await kubectl('get deployment web -o jsonpath={.spec.replicas}')).toBe('3');
  });

  it('edits, patches, labels and annotates', async () => {
    const editor = join(lab.folder, 'editor.sh');
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/replicas: 3/replicas: 1/" "$1"\n');
    chmodSync(editor, 0o755);
    expect(await kubectl('edit deployment web', { env: { KUBE_EDITOR: editor } })).toBe('deployment.apps/web edited\n');
    expect(await kubectl('get deployment web -o jsonpath={.spec.replicas}')).toBe('1');
    expect(await kubectl('patch deployment web -p {"spec":{"minReadySeconds":0,"replicas":2}}')).toContain('patched');
    expect(await kubectl('patch deployment web --type=json -p [{"op":"replace","path":"/spec/replicas","value":1}]')).toContain('patched');
    expect(await kubectl('label deployment web tier=front')).toBe('deployment.apps/web labeled\n');
    expect((await run(['label', 'deployment', 'web', 'tier=back'])).err).toContain(
      "'tier' already has a value (front), and --overwrite is false",
    );
    expect(await kubectl('annotate deployment web note=hello')).toBe('deployment.apps/web annotated\n');
    expect(await kubectl('get deployments -l tier=front -o jsonpath={.items[*].metadata.annotations.note}')).toBe('hello');
  });

  it('rolls out, back, and anew', async () => {
    expect(await kubectl('set image deployment/web main=nginx:1.27')).toBe('deployment.apps/web image updated\n');
    expect(await kubectl('rollout status deployment/web')).toContain('successfully rolled out');
    const history = rows(await kubectl('rollout history deployment/web'));
    expect(history.slice(1, 2)).toEqual([['REVISION', 'CHANGE-CAUSE']]);
    expect(history.slice(2).map(([revision]) => revision)).toEqual(['1', '2', '3']);
    expect(await kubectl('rollout undo deployment/web --to-revision=1')).toBe('deployment.apps/web rolled back\n');
    expect(await kubectl('rollout status deployment/web')).toContain('successfully rolled out');
    expect(await kubectl('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}')).toBe('nginx:1.25');
    expect(await kubectl('rollout restart deployment/web')).toBe('deployment.apps/web restarted\n');
    expect(await kubectl('rollout status deployment/web')).toContain('successfully rolled out');
    expect(await kubectl('get deployment web -o jsonpath={.spec.template.metadata.annotations}')).toContain(
      'kubectl.kubernetes.io/restartedAt',
    );
    await kubectl('rollout pause deployment/web');
    expect((await run(['rollout', 'restart', 'deployment/web'])).err).toContain('paused');
    await kubectl('rollout resume deployment/web');
  });

  it('scales, by hand and by itself, and waits', async () => {
    expect(await kubectl('scale deployment web --replicas=3')).toBe('deployment.apps/web scaled\n');
    await kubectl('wait --for=jsonpath={.status.availableReplicas}=3 deployment/web --timeout=10s');
    expect(await kubectl('wait --for=condition=Available deployment/web --timeout=10s')).toBe('deployment.apps/web condition met\n');
    expect(await kubectl('autoscale deployment web --min=2 --max=5 --cpu-percent=80')).toContain('autoscaled');
    await kubectl('annotate hpa web sandbox.evenkeel.dev/desired-replicas=5');
    await kubectl('wait --for=jsonpath={.status.availableReplicas}=5 deployment/web --timeout=10s');
    expect(await kubectl('describe hpa web')).toMatch(
      /SuccessfulRescale +\d+s +horizontal-pod-autoscaler +New size: 5; reason: cpu resource utilization/,
    );
    expect(rows(await kubectl('get hpa'))[0]).toEqual(['NAME', 'REFERENCE', 'TARGETS', 'MINPODS', 'MAXPODS', 'REPLICAS', 'AGE']);
    expect((await run(['wait', '--for=condition=Nonsense', 'deployment/web', '--timeout=1s'])).err).toContain(
      'timed out waiting for the condition',
    );
  });

  it('creates one thing at a time', async () => {
    expect(await kubectl('create namespace shop')).toBe('namespace/shop created\n');
    for (const [line, said] of [
      ['create deployment api --image=nginx --replicas=1', 'deployment.apps/api created'],
      ['create configmap settings --from-literal=a=b', 'configmap/settings created'],
      ['create secret generic token --from-literal=p=q', 'secret/token created'],
      ['create job once --image=busybox -- true', 'job.batch/once created'],
      ['create cronjob hourly --image=busybox --schedule=@hourly -- true', 'cronjob.batch/hourly created'],
      ['run solo --image=nginx', 'pod/solo created'],
      ['expose deployment api --port=80', 'service/api exposed'],
      ['create serviceaccount robot', 'serviceaccount/robot created'],
    ] as const)
      expect(await kubectl(`-n shop ${line}`)).toBe(`${said}\n`);
    expect(await kubectl('-n shop wait --for=condition=complete job/once --timeout=10s')).toBe('job.batch/once condition met\n');
    expect(await kubectl('-n shop describe job once')).toMatch(
      /Normal +SuccessfulCreate .*Created pod: once-\w{5}\n +Normal +Completed +\d+s +job-controller +Job completed/,
    );
    expect(rows(await kubectl('-n shop get cronjobs'))[1]).toEqual(['hourly', '@hourly', 'False', '0', '<none>', age]);
    expect(await kubectl('-n shop get secret token -o jsonpath={.data.p}')).toBe('cQ==');
    expect(await kubectl('-n shop logs job/once')).not.toBe('');
    expect((await run(['-n', 'shop', 'create', 'configmap', 'settings'])).err).toContain('configmaps "settings" already exists');
  });

  it('watches', async () => {
    const watched = run(['-n', 'shop', 'get', 'configmaps', '-w', '--request-timeout=3s', '-o', 'name']);
    const made = (async () => {
      for (let i = 0; i < 6; i++) {
        await kubectl(`-n shop create configmap seen-${i}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    })();
    const { out } = await watched;
    await made;
    const names = out.trim().split('\n');
    expect(names).toEqual(expect.arrayContaining(['configmap/settings', 'configmap/seen-5']));
    expect(new Set(names).size).toBe(names.length);
  });

  it('deletes, and waits until it is gone', async () => {
    expect(await kubectl('delete deployment web --timeout=15s')).toBe('deployment.apps "web" deleted\n');
    await kubectl('wait --for=delete pod -l app=web --timeout=10s');
    expect((await run(['get', 'pods', '-l', 'app=web'])).err).toBe('No resources found in default namespace.\n');
    expect(await kubectl('delete namespace shop --timeout=15s')).toBe('namespace "shop" deleted\n');
    expect((await run(['get', 'namespace', 'shop'])).err).toContain('namespaces "shop" not found');
    expect(await kubectl('delete service web --ignore-not-found')).toBe('service "web" deleted\n');
    expect(await kubectl('delete service web --ignore-not-found')).toBe('');
  });
});
