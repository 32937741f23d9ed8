import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCluster } from '../kube/index.js';
import { EvenkeelError, manualClock, systemClock, type Wire, type WireRequest } from '../model/index.js';
import { createSandbox, type InterceptContext, serveSandbox } from '../sandbox/index.js';
import { applySchema, check, durationOf, imageSchema, listSchema, matchSchema, optionsSchema, serveSchema } from './check.js';
import { createFaults, isDrop } from './faults.js';
import { fitsText, isWrite, matches } from './match.js';
import { createHand } from './objects.js';
import { type Entry, entryOf } from './record.js';
import type { RequestMatch, Served, TestSandbox, TestSandboxOptions } from './types.js';
import { clockStep, turn, type Waiting, waitFor } from './wait.js';

/**
 * Starts a Kubernetes API server with controllers for one test, in memory and without a socket.
 * @throws EvenkeelError OPTION_UNKNOWN, OPTION_INVALID, and what seeding throws
 */
export async function startSandbox(options: TestSandboxOptions = {}): Promise<TestSandbox> {
  check(optionsSchema, options, 'startSandbox');
  const { clock: kind = 'fast', randomSeed = 1 } = options;
  if (options.now !== undefined && kind !== 'stepped')
    throw new EvenkeelError('OPTION_INVALID', 'startSandbox: option "now" goes only with a stepped clock', {
      where: { field: 'now' },
      hint: "Set clock: 'stepped', or leave `now` out.",
    });
  const stepped = kind === 'stepped' ? manualClock(options.now === undefined ? undefined : new Date(options.now).getTime()) : undefined;
  const clock = stepped ?? systemClock;
  const faults = createFaults(clock, randomSeed);
  const own = new WeakSet<WireRequest>();
  let recorded: Entry[] = [];
  const images = new Map(Object.entries(options.images ?? {}));

  const intercept = async (request: WireRequest, context: InterceptContext) => {
    if (own.has(request)) return undefined;
    const entry = entryOf(request, context, clock);
    recorded.push(entry);
    try {
      const { response, faulted } = await faults.answer(request, context, entry);
      entry.status = response.status;
      entry.faulted = faulted;
      return response;
    } catch (error) {
      entry.faulted = isDrop(error);
      throw error;
    }
  };
  const sandbox = await createSandbox({
    clock,
    pace: kind === 'fast' ? 0 : 1,
    controllers: options.controllers ?? true,
    file: options.file,
    intercept,
    behaviour: (image) => [...images].reverse().find(([pattern]) => fitsText(pattern, image))?.[1],
  });
  const ownWire: Wire = (request) => {
    own.add(request);
    return sandbox.wire(request);
  };
  // Clients wait by the clock of this machine before they try again, so that a clock that stands still stops no test.
  const ownCluster = openCluster({ wire: ownWire, name: 'sandbox' });
  const cluster = openCluster({ wire: sandbox.wire, name: 'sandbox' });
  const hand = createHand(ownCluster);
  let served: (Served & { close(): Promise<void> }) | undefined;

  const settle = () => sandbox.settle();
  const waiting: Waiting = {
    hand,
    now: () => clock.now(),
    settle,
    pass: (ms) => (stepped ? turn(stepped, ms, settle) : clock.sleep(ms)),
    step: stepped ? clockStep : 15,
  };
  const needServed = (): Served => {
    if (served) return served;
    throw new EvenkeelError('TESTING_NOT_SERVED', 'the sandbox is not served over HTTP', { hint: 'Call `await sandbox.serve()` first.' });
  };
  const requestsTo = (match: RequestMatch) => {
    check(matchSchema, match, 'match');
    return recorded.filter((entry) => matches(match, entry));
  };
  const writes = (match: RequestMatch = {}) => requestsTo(match).filter(isWrite);

  const testSandbox: TestSandbox = {
    wire: sandbox.wire,
    cluster,
    clock,
    faults,
    ...hand,
    async list(apiVersion, kindName, listOptions = {}) {
      check(listSchema, listOptions, 'list');
      return hand.list(apiVersion, kindName, listOptions);
    },
    async apply(what, applyOptions = {}) {
      check(applySchema, applyOptions, 'apply');
      return hand.apply(what, applyOptions);
    },
    async serve(serveOptions = {}) {
      check(serveSchema, serveOptions, 'serve');
      if (served) return served;
      const server = await serveSandbox(sandbox, { port: 0, ...serveOptions });
      const folder = mkdtempSync(join(tmpdir(), 'evenkeel-testing-'));
      const kubeconfigPath = join(folder, 'kubeconfig');
      writeFileSync(kubeconfigPath, server.kubeconfig, { mode: 0o600 });
      served = {
        url: server.url,
        port: server.port,
        kubeconfig: server.kubeconfig,
        kubeconfigPath,
        async close() {
          rmSync(folder, { recursive: true, force: true });
          await server.close();
        },
      };
      return served;
    },
    get url() {
      return needServed().url;
    },
    get kubeconfig() {
      return needServed().kubeconfig;
    },
    get kubeconfigPath() {
      return needServed().kubeconfigPath;
    },
    get requests() {
      return recorded;
    },
    requestsTo,
    writes,
    clearRequests() {
      recorded = [];
    },
    expectNoWrites(match) {
      const found = writes(match);
      if (found.length === 0) return;
      const list = found.slice(0, 10).map((w) => `  ${w.method} ${w.path} (${w.status ?? 'no answer'}, by ${w.user})`);
      const more = found.length > list.length ? `\n  and ${found.length - list.length} more` : '';
      throw new EvenkeelError('TESTING_EXPECTATION', `no writes were expected, but there were ${found.length}:\n${list.join('\n')}${more}`);
    },
    setImage(pattern, behaviour) {
      check(imageSchema, { pattern, behaviour }, 'setImage');
      images.delete(pattern);
      if (behaviour !== undefined) images.set(pattern, behaviour);
    },
    settle,
    async advance(time) {
      if (!stepped)
        throw new EvenkeelError('TESTING_CLOCK', `the clock of this sandbox is "${kind}" and goes by itself`, {
          hint: "Start the sandbox with clock: 'stepped' to turn its clock.",
        });
      await settle();
      await turn(stepped, durationOf(time, 'time'), settle);
    },
    waitFor: ((wanted: () => unknown, timeout: string | number = '30s') => waitFor(waiting, wanted, timeout)) as TestSandbox['waitFor'],
    async close() {
      faults.clear();
      await cluster.close();
      await ownCluster.close();
      await served?.close();
      await sandbox.close();
    },
  };
  try {
    for (const rule of options.faults ?? []) faults.add(rule);
    if (options.seed !== undefined) await hand.seed(options.seed as string);
    return testSandbox;
  } catch (error) {
    await testSandbox.close();
    throw error;
  }
}
