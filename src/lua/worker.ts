import { parentPort, workerData } from 'node:worker_threads';
import { createMachine } from './core/machine.js';
import type { FromWorker, StartData, ToWorker } from './core/protocol.js';

/** The thread of an interpreter: an entry of its own, started by `openInterpreter`. */
const port = parentPort;
if (port === null) throw new Error('this file is the thread of an interpreter');
const send = (message: FromWorker) => port.postMessage(message);
try {
  const handle = await createMachine(workerData as StartData, send);
  port.on('message', (message: ToWorker) => {
    try {
      handle(message);
    } catch (thrown) {
      send({ type: 'fatal', message: String(thrown) });
    }
  });
  send({ type: 'ready' });
} catch (thrown) {
  send({ type: 'fatal', message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
}
