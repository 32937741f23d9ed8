import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { EvenkeelError } from '../../model/index.js';
import { MAX_ANSWER, tooLarge } from '../exchange.js';

const unzip = promisify(gunzip);

export interface Read {
  /** The Content-Encoding header. */
  encoding: string | string[] | undefined;
  /** For errors. */
  name: string;
}

/** The whole body as text; never more than MAX_ANSWER, unpacked. */
export async function readAll(body: Readable, { encoding, name }: Read): Promise<string> {
  const bytes = await collect(body, name);
  if (encoding === undefined || encoding === 'identity' || bytes.length === 0) return bytes.toString('utf8');
  if (encoding !== 'gzip') throw bad(name, `in an encoding that nobody asked for (${String(encoding).slice(0, 40)})`);
  try {
    return (await unzip(bytes, { maxOutputLength: MAX_ANSWER })).toString('utf8');
  } catch (thrown) {
    if ((thrown as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(name);
    throw bad(name, 'in gzip that is damaged or cut off');
  }
}

function collect(body: Readable, name: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    body.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_ANSWER) body.destroy(tooLarge(name));
      else chunks.push(chunk);
    });
    body.once('error', reject);
    body.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
  });
}

/** The body as it comes. A character that is split between two pieces is put together. */
export async function* readStream(body: Readable): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    const text = decoder.decode(chunk as Uint8Array, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

function bad(name: string, how: string): EvenkeelError {
  return new EvenkeelError('KUBE_BAD_ANSWER', `${name} answered ${how}`, {
    hint: 'Check any proxy between here and the API server; disable-compression: true in the kubeconfig turns compression off.',
  });
}
