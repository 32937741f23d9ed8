// The yardstick of a first sync: sends the same apply requests with nothing around them.
//   node bench/bare-client.mjs KUBECONFIG BODIES.json CONCURRENCY
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';

const [kubeconfig, bodies, concurrency] = process.argv.slice(2);
const text = readFileSync(kubeconfig, 'utf8');
const server = /server: (\S+)/.exec(text)[1];
const token = /token: "?([^\s"]+)/.exec(text)[1];
const ca = Buffer.from(/certificate-authority-data: (\S+)/.exec(text)[1], 'base64');
const requests = JSON.parse(readFileSync(bodies, 'utf8'));
const pool = new Pool(server, { connections: Number(concurrency), connect: { ca } });
let next = 0;
await Promise.all(
  Array.from({ length: Number(concurrency) }, async () => {
    while (next < requests.length) {
      const { path, body } = requests[next++];
      const answer = await pool.request({
        method: 'PATCH',
        path: `${path}?fieldManager=bare&fieldValidation=Strict`,
        headers: { 'content-type': 'application/apply-patch+yaml', accept: 'application/json', authorization: `Bearer ${token}` },
        body,
      });
      const answered = await answer.body.text();
      if (answer.statusCode !== 201) throw new Error(`${answer.statusCode} ${answered}`);
      JSON.parse(answered);
    }
  }),
);
await pool.close();
