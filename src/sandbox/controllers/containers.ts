import { sha256 } from '../../model/index.js';
import { type Behaviour, behaviourOf } from './behaviour.js';
import type { Told } from './events.js';
import type { World } from './framework.js';
import type { ContainerSpec, ContainerStatus, Pod } from './shapes.js';

export interface ContainerStep {
  status: ContainerStatus;
  /** When the container will change by itself, in milliseconds since the epoch. */
  due: number | undefined;
}

export interface ContainerFacts {
  pod: Pod;
  container: ContainerSpec;
  previous: ContainerStatus | undefined;
  /** Always, OnFailure or Never. */
  policy: string;
  /** When it may start; undefined while something before it is not done. */
  startAt: number | undefined;
  /** The waiting state to show while it may not start. */
  waiting: { reason: string; message?: string };
  /** Why its configuration cannot be made. */
  problem: string | undefined;
}

const firstBackOff = 10_000;
const longestBackOff = 300_000;
/** Part of the time that a pod takes to start. */
const pullTime = 500;

function backOff(restarts: number): number {
  return Math.min(longestBackOff, firstBackOff * 2 ** Math.min(10, Math.max(0, restarts - 1)));
}

/** Takes a container as far as this moment allows: creating, running, ended, backing off, running again. */
export function stepContainer(world: World, facts: ContainerFacts): ContainerStep {
  const { pod, container, previous } = facts;
  const behaviour = behaviourOf(pod, container, facts.policy !== 'Always', world.host.behaviour?.(container.image ?? ''));
  let status: ContainerStatus = previous
    ? { ...previous }
    : {
        name: container.name,
        state: {},
        lastState: {},
        ready: false,
        restartCount: 0,
        image: container.image ?? '',
        imageID: '',
        started: false,
      };
  for (;;) {
    const next = transition(world, facts, behaviour, status);
    if ('due' in next) {
      const readiness = readinessOf(world, facts, behaviour, status);
      status = { ...status, ready: readiness.ready };
      const dues = [next.due, readiness.due].filter((d) => d !== undefined);
      return { status, due: dues.length > 0 ? Math.min(...dues) : undefined };
    }
    status = next.status;
  }
}

type Transition = { status: ContainerStatus } | { due: number | undefined };

function transition(world: World, facts: ContainerFacts, behaviour: Behaviour, status: ContainerStatus): Transition {
  const { moments } = world;
  const now = world.now();
  const id = `${facts.pod.metadata.uid}/${status.name}`;
  const { running, terminated } = status.state ?? {};
  if (running) {
    if (behaviour.runFor === undefined) return { due: undefined };
    const end = moments.at(`${id}/started`, running.startedAt) + world.delay(behaviour.runFor);
    if (end > now) return { due: end };
    const finishedAt = moments.note(`${id}/finished`, now);
    const { exitCode, reason } = behaviour;
    const ended = {
      exitCode,
      reason,
      startedAt: running.startedAt,
      finishedAt,
      ...(status.containerID ? { containerID: status.containerID } : {}),
    };
    return { status: { ...status, state: { terminated: ended }, ready: false, started: false } };
  }
  if (terminated) {
    if (facts.policy === 'Never' || (facts.policy === 'OnFailure' && terminated.exitCode === 0)) return { due: undefined };
    // The first restart is at once; from then on the kubelet waits longer each time.
    if (status.restartCount === 0)
      return { status: start(world, facts, behaviour, { ...status, lastState: { terminated }, restartCount: 1 }) };
    const wait = backOff(status.restartCount);
    tellOf(world, facts.pod, {
      reason: 'BackOff',
      message: `Back-off restarting failed container ${status.name} in pod ${facts.pod.metadata.name}_${facts.pod.metadata.namespace}(${facts.pod.metadata.uid})`,
      warning: true,
      container: status.name,
    });
    const message = `back-off ${describeWait(wait)} restarting failed container=${status.name} pod=${facts.pod.metadata.name}_${facts.pod.metadata.namespace}(${facts.pod.metadata.uid})`;
    return { status: { ...status, state: { waiting: { reason: 'CrashLoopBackOff', message } }, lastState: { terminated } } };
  }
  const last = status.lastState?.terminated;
  if (last) {
    const again = moments.at(`${id}/finished`, last.finishedAt) + world.cycle(backOff(status.restartCount));
    if (again > now) return { due: again };
    return { status: start(world, facts, behaviour, { ...status, restartCount: status.restartCount + 1 }) };
  }
  return firstStart(world, facts, behaviour, status);
}

function firstStart(world: World, facts: ContainerFacts, behaviour: Behaviour, status: ContainerStatus): Transition {
  const { waiting } = status.state ?? {};
  const wait = (reason: string, message: string | undefined, due: number | undefined): Transition => {
    if (waiting?.reason === reason && waiting.message === message) return { due };
    tellWaiting(world, facts, reason, message);
    return { status: { ...status, state: { waiting: { reason, ...(message === undefined ? {} : { message }) } } } };
  };
  const now = world.now();
  const { image = '' } = facts.container;
  if (facts.startAt === undefined || facts.startAt > now) return wait(facts.waiting.reason, facts.waiting.message, facts.startAt);
  if (behaviour.missing) {
    const giveUp = facts.startAt + world.delay(3000);
    if (giveUp > now)
      return wait(
        'ErrImagePull',
        `rpc error: code = NotFound desc = failed to pull and unpack image "${fullImage(image)}": failed to resolve reference "${fullImage(image)}": ${fullImage(image)}: not found`,
        giveUp,
      );
    return wait('ImagePullBackOff', `Back-off pulling image ${JSON.stringify(image)}`, undefined);
  }
  if (facts.problem !== undefined) return wait('CreateContainerConfigError', facts.problem, undefined);
  return { status: start(world, facts, behaviour, status) };
}

/** Events of a container, as its pod's kubelet tells them. */
export function tellOf(world: World, pod: Pod, told: Omit<Told, 'from' | 'host'>): void {
  world.events.tell(pod, { from: 'kubelet', ...(pod.spec.nodeName ? { host: pod.spec.nodeName } : {}), ...told });
}

function tellWaiting(world: World, { pod, container }: ContainerFacts, reason: string, message: string | undefined): void {
  const { image = '', name } = container;
  const tell = (why: string, text: string, warning = false) => tellOf(world, pod, { reason: why, message: text, warning, container: name });
  if (reason === 'ErrImagePull') {
    tell('Pulling', `Pulling image ${JSON.stringify(image)}`);
    tell('Failed', `Failed to pull image ${JSON.stringify(image)}: ${message}`, true);
    tell('Failed', 'Error: ErrImagePull', true);
  } else if (reason === 'ImagePullBackOff') {
    tell('BackOff', `Back-off pulling image ${JSON.stringify(image)}`);
    tell('Failed', 'Error: ImagePullBackOff', true);
  } else if (reason === 'CreateContainerConfigError') tell('Failed', `Error: ${message}`, true);
}

function tellStart(world: World, { pod, container }: ContainerFacts, behaviour: Behaviour): void {
  const { image = '', name, imagePullPolicy, readinessProbe } = container;
  const tell = (reason: string, message: string, warning = false) => tellOf(world, pod, { reason, message, warning, container: name });
  const quoted = JSON.stringify(image);
  if (imagePullPolicy !== 'Always' && world.events.hasImage(pod.spec.nodeName ?? '', image))
    tell('Pulled', `Container image ${quoted} already present on machine`);
  else {
    const took = `${world.delay(pullTime)}ms`;
    tell('Pulling', `Pulling image ${quoted}`);
    tell('Pulled', `Successfully pulled image ${quoted} in ${took} (${took} including waiting)`);
  }
  tell('Created', `Created container: ${name}`);
  tell('Started', `Started container ${name}`);
  if (behaviour.readyAfter === undefined && readinessProbe)
    tell('Unhealthy', `Readiness probe failed: ${probeFailure(pod, readinessProbe)}`, true);
}

function probeFailure(pod: Pod, probe: NonNullable<ContainerSpec['readinessProbe']>): string {
  if (probe.httpGet) return 'HTTP probe failed with statuscode: 503';
  const target = `${pod.status?.podIP ?? '10.244.0.1'}:${probe.tcpSocket?.port ?? probe.grpc?.port}`;
  if (probe.tcpSocket) return `dial tcp ${target}: connect: connection refused`;
  return probe.grpc ? `service unhealthy (responded with "NOT_SERVING")` : 'command exited with 1';
}

function start(world: World, facts: ContainerFacts, behaviour: Behaviour, status: ContainerStatus): ContainerStatus {
  const { pod, container } = facts;
  tellStart(world, facts, behaviour);
  const image = fullImage(container.image ?? '');
  const id = `${pod.metadata.uid}/${status.name}`;
  return {
    ...status,
    state: { running: { startedAt: world.moments.note(`${id}/started`, world.now()) } },
    image,
    imageID: image.includes('@') ? image : `${image.replace(/:[^/:]*$/, '')}@sha256:${sha256(image)}`,
    containerID: `containerd://${sha256(`${id}/${status.restartCount}`)}`,
    started: true,
    ready: false,
  };
}

function readinessOf(world: World, facts: ContainerFacts, behaviour: Behaviour, status: ContainerStatus) {
  const { running } = status.state ?? {};
  if (!running || behaviour.readyAfter === undefined) return { ready: false, due: undefined };
  const at = world.moments.at(`${facts.pod.metadata.uid}/${status.name}/started`, running.startedAt) + world.delay(behaviour.readyAfter);
  return at <= world.now() ? { ready: true, due: undefined } : { ready: false, due: at };
}

function describeWait(ms: number): string {
  const seconds = ms / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

/** An image reference with registry and tag, as the container runtime reports it. */
function fullImage(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const hasRegistry = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  const named = hasRegistry ? image : `docker.io/${rest.length > 0 ? '' : 'library/'}${image}`;
  const last = named.slice(named.lastIndexOf('/') + 1);
  return last.includes(':') || last.includes('@') ? named : `${named}:latest`;
}
