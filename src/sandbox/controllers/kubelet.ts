import { equalJson } from '../../model/index.js';
import { podAddresses } from './addresses.js';
import { type ConditionFacts, findCondition, isTrue, withCondition } from './conditions.js';
import { type ContainerStep, stepContainer, tellOf } from './containers.js';
import type { Controller, World } from './framework.js';
import { ownKey } from './owners.js';
import { isFinished } from './pod-facts.js';
import { type MissingReference, missingEnvironment, missingVolume, referenceKey } from './references.js';
import { objectKey, r, splitKey } from './resources.js';
import type { ContainerStatus, Node, Pod, PodStatus } from './shapes.js';
import { readTime, stamp } from './times.js';

const startDelay = 800;
const stopDelay = 500;

/** Runs the pods that are bound to a node: starts, ends and restarts their containers, and lets deleted ones go. */
export function kubelet(world: World): Controller {
  const { cache, host, moments } = world;
  const addresses = podAddresses(world);
  const waitingFor = new Map<string, Set<string>>();
  const stopping = new Set<string>();
  return {
    name: 'kubelet',
    rank: 0,
    watches: [
      {
        resource: r.pods,
        keys(change) {
          const pod = change.object as Pod;
          if (change.type === 'deleted') {
            if (pod.status?.podIP && !pod.spec.hostNetwork) addresses.free(pod.status.podIP);
            stopping.delete(pod.metadata.uid ?? '');
            return [];
          }
          if (pod.metadata.deletionTimestamp && change.before && !change.before.metadata.deletionTimestamp)
            moments.note(`${pod.metadata.uid}/stop`, world.now());
          return ownKey(change);
        },
      },
      ...[r.configMaps, r.secrets].map((resource) => ({
        resource,
        keys({ object }: { object: { metadata: { namespace?: string; name?: string } } }) {
          const id = referenceKey(resource, object.metadata.namespace ?? '', object.metadata.name ?? '');
          const waiting = waitingFor.get(id) ?? [];
          waitingFor.delete(id);
          return waiting;
        },
      })),
    ],
    reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = cache.get<Pod>(r.pods, namespace, name);
      if (!pod) return undefined;
      if (pod.metadata.deletionTimestamp) return stop(pod);
      if (!pod.spec.nodeName || isFinished(pod)) return undefined;
      return run(pod);
    },
  };

  function run(pod: Pod): number | undefined {
    const now = world.now();
    const next = podStatus(pod, now);
    if (!equalJson(next.status, pod.status)) host.updateStatus(r.pods, { ...pod, status: next.status }, { manager: 'kubelet' });
    return next.due === undefined ? undefined : Math.max(1, next.due - now);
  }

  function stop(pod: Pod): number | undefined {
    const {
      namespace = '',
      name = '',
      uid,
      finalizers = [],
      deletionGracePeriodSeconds: grace = 0,
    } = pod.metadata as Pod['metadata'] & { deletionGracePeriodSeconds?: number };
    const asked = stamp(readTime(pod.metadata.deletionTimestamp) - grace * 1000);
    const now = world.now();
    const due = moments.at(`${uid}/stop`, asked) + Math.min(grace * 1000, world.delay(stopDelay));
    tellStop(pod);
    if (pod.spec.nodeName && !isFinished(pod) && due > now) return due - now;
    if (finalizers.length > 0 && !isFinished(pod)) {
      host.updateStatus(r.pods, { ...pod, status: killed(pod, now) }, { manager: 'kubelet' });
      if (grace > 0) host.finishDeletion(r.pods, namespace, name);
      return undefined;
    }
    if (finalizers.length === 0 || grace > 0) host.finishDeletion(r.pods, namespace, name);
    return undefined;
  }

  /** Tells once of each container of a pod that it is being stopped. */
  function tellStop(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    if (stopping.has(uid)) return;
    stopping.add(uid);
    for (const container of pod.status?.containerStatuses ?? [])
      if (container.state?.running)
        tellOf(world, pod, { reason: 'Killing', message: `Stopping container ${container.name}`, container: container.name });
  }

  function waitFor(pod: Pod, missing: MissingReference): string {
    const found = waitingFor.get(missing.key);
    if (found) found.add(objectKey(pod));
    else waitingFor.set(missing.key, new Set([objectKey(pod)]));
    return missing.message;
  }

  function podStatus(pod: Pod, now: number): { status: PodStatus; due: number | undefined } {
    const { spec } = pod;
    const uid = pod.metadata.uid ?? '';
    const status: PodStatus = { phase: 'Pending', ...pod.status };
    if (!status.startTime) {
      status.startTime = moments.note(`${uid}/start`, now);
      const ip = nodeAddress(spec.nodeName ?? '');
      status.hostIP = ip;
      status.hostIPs = [{ ip }];
    }
    if (spec.activeDeadlineSeconds && readTime(status.startTime) + spec.activeDeadlineSeconds * 1000 <= now) {
      const message = 'Pod was active on the node longer than the specified deadline';
      return { status: { ...killed({ ...pod, status }, now), reason: 'DeadlineExceeded', message }, due: undefined };
    }
    const begun = moments.at(`${uid}/start`, status.startTime) + world.delay(startDelay);
    const volume = status.podIP ? undefined : missingVolume(world, pod);
    const startAt = volume ? undefined : begun;
    const blocked = volume ? { message: waitFor(pod, volume) } : {};
    if (volume) tellOf(world, pod, { reason: 'FailedMount', message: volume.message, warning: true });
    if (!volume && begun <= now && !status.podIP) {
      status.podIP = spec.hostNetwork ? (status.hostIP ?? '') : addresses.take(uid);
      status.podIPs = [{ ip: status.podIP }];
    }
    const dues: (number | undefined)[] = [];
    const step = (
      list: 'containerStatuses' | 'initContainerStatuses',
      index: number,
      policy: string,
      mayStart: number | undefined,
    ): ContainerStep => {
      const container = (list === 'containerStatuses' ? spec.containers : (spec.initContainers ?? []))[
        index
      ] as Pod['spec']['containers'][number];
      const previous = status[list]?.find((c) => c.name === container.name);
      const fresh = !previous?.state?.running && !previous?.state?.terminated && !previous?.lastState?.terminated;
      const missing = fresh ? missingEnvironment(world, pod, container) : undefined;
      const initial = list === 'initContainerStatuses' || (spec.initContainers ?? []).length > 0;
      const result = stepContainer(world, {
        pod,
        container,
        previous,
        policy,
        startAt: mayStart,
        waiting: { reason: initial ? 'PodInitializing' : 'ContainerCreating', ...blocked },
        problem: missing ? waitFor(pod, missing) : undefined,
      });
      dues.push(result.due);
      return result;
    };
    const policy = spec.restartPolicy ?? 'Always';
    const initPolicy = policy === 'Never' ? 'Never' : 'OnFailure';
    let ready: number | undefined = startAt;
    const init: ContainerStatus[] = [];
    for (const [i, container] of (spec.initContainers ?? []).entries()) {
      const sidecar = container.restartPolicy === 'Always';
      const { status: stepped } = step('initContainerStatuses', i, sidecar ? 'Always' : initPolicy, ready);
      const done = sidecar ? stepped.started === true : stepped.state?.terminated?.exitCode === 0;
      init.push(sidecar ? stepped : { ...stepped, ready: done });
      if (!done) ready = undefined;
    }
    const initFailed = init.some(
      (c, i) =>
        spec.initContainers?.[i]?.restartPolicy !== 'Always' && initPolicy === 'Never' && (c.state?.terminated?.exitCode ?? 0) !== 0,
    );
    const initDone = ready !== undefined || init.length === 0;
    const main = spec.containers.map((_, i) => step('containerStatuses', i, policy, initDone ? ready : undefined).status);
    if (init.length > 0) status.initContainerStatuses = init;
    status.containerStatuses = main;
    status.phase = initFailed ? 'Failed' : phaseOf(main, policy);
    if (isFinished({ ...pod, status })) for (const sidecar of status.initContainerStatuses ?? []) sidecar.ready = false;
    setConditions(pod, status, { initDone, now });
    const deadline =
      spec.activeDeadlineSeconds && !isFinished({ ...pod, status })
        ? readTime(status.startTime) + spec.activeDeadlineSeconds * 1000
        : undefined;
    const known = [...dues, deadline, begun > now && startAt !== undefined ? begun : undefined].filter(
      (d) => d !== undefined && d > now,
    ) as number[];
    return { status, due: known.length > 0 ? Math.min(...known) : undefined };
  }

  function nodeAddress(name: string): string {
    const node = cache.get<Node>(r.nodes, '', name);
    return node?.status?.addresses?.find((a) => a.type === 'InternalIP')?.address ?? '10.0.0.1';
  }

  function setConditions(pod: Pod, status: PodStatus, { initDone, now }: { initDone: boolean; now: number }): void {
    let { conditions = [] } = status;
    const set = (facts: ConditionFacts) => {
      const before = findCondition(conditions, facts.type);
      if (!before) conditions = [...conditions, { type: facts.type, status: 'Unknown', lastProbeTime: null, lastTransitionTime: null }];
      conditions = withCondition(conditions, facts, now);
    };
    const finished =
      status.phase === 'Succeeded' ? { reason: 'PodCompleted' } : status.phase === 'Failed' ? { reason: 'PodFailed' } : undefined;
    set({ type: 'PodReadyToStartContainers', status: status.podIP && !finished ? 'True' : 'False' });
    const named = (list: ContainerStatus[]) => list.map((c) => c.name).join(' ');
    if (initDone) set({ type: 'Initialized', status: 'True', ...(status.phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) });
    else {
      const left = (status.initContainerStatuses ?? []).filter((c) => !c.ready);
      set({
        type: 'Initialized',
        status: 'False',
        reason: 'ContainersNotInitialized',
        message: `containers with incomplete status: [${named(left)}]`,
      });
    }
    const unready = (status.containerStatuses ?? []).filter((c) => !c.ready);
    const notReady = {
      status: 'False' as const,
      reason: 'ContainersNotReady',
      message: `containers with unready status: [${named(unready)}]`,
    };
    const containers = finished ? { status: 'False' as const, ...finished } : unready.length > 0 ? notReady : { status: 'True' as const };
    const gates = (pod.spec.readinessGates ?? []).filter((gate) => !isTrue(conditions, gate.conditionType));
    const gated = {
      status: 'False' as const,
      reason: 'ReadinessGatesNotReady',
      message: gates
        .map(({ conditionType }) =>
          findCondition(conditions, conditionType)
            ? `the status of pod readiness gate ${JSON.stringify(conditionType)} is not "True", but False`
            : `corresponding condition of pod readiness gate ${JSON.stringify(conditionType)} does not exist.`,
        )
        .join(', '),
    };
    const wasReady = isTrue(conditions, 'Ready');
    const ready = containers.status === 'True' && gates.length > 0 ? gated : containers;
    set({ type: 'Ready', ...ready });
    set({ type: 'ContainersReady', ...containers });
    set({ type: 'PodScheduled', status: 'True' });
    if (!wasReady && ready.status === 'True') moments.note(`${pod.metadata.uid}/ready`, now);
    status.conditions = conditions;
  }

  /** A pod whose containers were all told to stop. */
  function killed(pod: Pod, now: number): PodStatus {
    const finishedAt = stamp(now);
    const kill = (c: ContainerStatus): ContainerStatus => ({
      ...c,
      ready: false,
      started: false,
      state: c.state?.terminated
        ? c.state
        : { terminated: { exitCode: 143, reason: 'Error', startedAt: c.state?.running?.startedAt ?? finishedAt, finishedAt } },
    });
    const status: PodStatus = { ...pod.status, phase: 'Failed' };
    if (status.containerStatuses) status.containerStatuses = status.containerStatuses.map(kill);
    for (const type of ['Ready', 'ContainersReady'])
      status.conditions = withCondition(status.conditions, { type, status: 'False', reason: 'PodFailed' }, now);
    return status;
  }
}

function phaseOf(containers: readonly ContainerStatus[], policy: string): string {
  const ended = containers.filter((c) => c.state?.terminated);
  if (ended.length === containers.length && policy !== 'Always') {
    if (ended.every((c) => c.state?.terminated?.exitCode === 0)) return 'Succeeded';
    if (policy === 'Never') return 'Failed';
    return 'Running';
  }
  return containers.some((c) => c.state?.waiting && !c.lastState?.terminated) ? 'Pending' : 'Running';
}
