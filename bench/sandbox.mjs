#!/usr/bin/env node
// Prints what the embedded API server does in a second, and what many objects cost it, beside what the same
// machine does at the same time with the bare work: reading and writing the JSON of the same objects.
//   npm run build && node bench/sandbox.mjs [--objects 3000 --many 50000]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { createSandbox, serveSandbox } = await import(new URL('../dist/sandbox.js', import.meta.url).href);
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const objects = option('objects', 3000);
const many = option('many', 50_000);
const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-sandbox-'));
const line = (what, figure, bound = '') => console.log(`${what.padEnd(58)} ${figure.padStart(22)}  ${bound}`);

const deployment = (i, value) => {
  const labels = { app: `web-${i}` };
  const resources = { requests: { cpu: '100m', memory: '64Mi' } };
  const container = { name: 'main', image: `nginx:${value}`, ports: [{ containerPort: 80 }], env: [{ name: 'A', value }], resources };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `web-${i}`, labels },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  });
};
const path = (i) => `/apis/apps/v1/namespaces/default/deployments/web-${i}?fieldManager=bench&force=true`;
const headers = { 'content-type': 'application/apply-patch+yaml' };

async function rate(count, work) {
  const started = process.hrtime.bigint();
  for (let i = 0; i < count; i++) await work(i);
  return count / (Number(process.hrtime.bigint() - started) / 1e9);
}

/** The bare work: the JSON of as many objects read and written eight times each, as no server can do without. */
const bare = () =>
  rate(objects, (i) => {
    for (let n = 0; n < 8; n++) JSON.stringify(JSON.parse(deployment(i, String(n))));
  });

async function apply(sandbox, i, value) {
  const { status, body } = await sandbox.wire({ method: 'PATCH', path: path(i), headers, body: deployment(i, value) });
  if (status > 201) throw new Error(String(body));
}

async function applies(what, options) {
  const sandbox = await createSandbox({ controllers: false, ...options });
  for (let i = 0; i < 500; i++) await apply(sandbox, `warm-${i}`, 'v0');
  const reference = await bare();
  const created = await rate(objects, (i) => apply(sandbox, i, 'v1'));
  const updated = await rate(objects, (i) => apply(sandbox, i, 'v2'));
  line(`Deployments created by apply, ${what}`, `${Math.round(created)} /s, ${(created / reference).toFixed(2)} × bare`, '≥ 3000 /s');
  line(`Deployments updated by apply, ${what}`, `${Math.round(updated)} /s, ${(updated / reference).toFixed(2)} × bare`, '≥ 3000 /s');
  await sandbox.close();
}

async function overHttp() {
  const sandbox = await createSandbox({ controllers: false });
  const server = await serveSandbox(sandbox, { port: 0, tokens: 'bench,bench,bench,"system:masters"\n' });
  const send = async (i) => {
    const url = `http://127.0.0.1:${server.port}${path(i)}`;
    const answer = await fetch(url, { method: 'PATCH', headers: { ...headers, authorization: 'Bearer bench' }, body: deployment(i, 'v1') });
    if (answer.status > 201) throw new Error(await answer.text());
    await answer.arrayBuffer();
  };
  line('Deployments created by apply, over HTTP, one by one', `${Math.round(await rate(objects, send))} /s`, '≥ 400 /s');
  await server.close();
  await sandbox.close();
}

async function reopening() {
  const file = join(folder, 'many.db');
  const first = await createSandbox({ controllers: false, file });
  const map = (i) =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `map-${i}` }, data: { text: 'x'.repeat(1000) } });
  for (let i = 0; i < many; i++)
    await first.wire({
      method: 'POST',
      path: '/api/v1/namespaces/default/configmaps',
      headers: { 'content-type': 'application/json' },
      body: map(i),
    });
  line(`memory of a process with ${many} objects`, `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`, '≤ 1024 MiB');
  await first.close();
  const started = performance.now();
  const again = await createSandbox({ controllers: false, file });
  const took = performance.now() - started;
  const { body } = await again.wire({ method: 'GET', path: `/api/v1/namespaces/default/configmaps/map-${many - 1}`, headers: {} });
  if (!String(body).includes(`map-${many - 1}`)) throw new Error('the last object is not there again');
  line(`opening a file of ${many} objects, ${Math.round(statSync(file).size / 2 ** 20)} MiB`, `${Math.round(took)} ms`, '≤ 300 ms');
  await again.close();
}

try {
  await applies('in memory', {});
  await applies('in a file', { file: join(folder, 'applies.db') });
  await overHttp();
  await reopening();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
