import { parseDuration } from '../../model/index.js';
import type { ContainerSpec, Pod } from './shapes.js';

export const behaviourAnnotation = 'sandbox.evenkeel.dev/behaviour';
const readyAfterAnnotation = 'sandbox.evenkeel.dev/ready-after';
const runForAnnotation = 'sandbox.evenkeel.dev/run-for';

const longestReadiness = 60_000;
/** A probe's delay shows that it is there; nobody learns anything by waiting it out. */
const longestProbeDelay = 5_000;
const longestRun = 60_000;

/** What a container will do, read from its image tag, its command and its pod's annotations. Times in unscaled ms. */
export interface Behaviour {
  /** The image cannot be pulled. */
  missing: boolean;
  /** From start to readiness; undefined: never. */
  readyAfter: number | undefined;
  /** From start to end; undefined: runs until it is told to stop. */
  runFor: number | undefined;
  exitCode: number;
  reason: 'Completed' | 'Error' | 'OOMKilled';
}

function durationOf(pod: Pod, annotation: string): number | undefined {
  const text = pod.metadata.annotations?.[annotation];
  if (text === undefined) return undefined;
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}

/** The tag of an image reference; '' where it has none or is pinned by digest. */
function imageTag(image: string | undefined): string {
  const name = (image ?? '').split('@')[0] ?? '';
  const last = name.slice(name.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  return colon < 0 ? '' : last.slice(colon + 1);
}

const words = new Set(['crash', 'slow', 'missing', 'oom', 'fail', 'never-ready']);

/**
 * @param byImage the behaviour that is set for its image, which goes before the image's tag
 * @param ends whether the container is one that comes to an end: of a Job, an init container, a pod that is
 *   not restarted always
 */
export function behaviourOf(pod: Pod, container: ContainerSpec, ends: boolean, byImage?: string): Behaviour {
  const tag = imageTag(container.image);
  const asked = pod.metadata.annotations?.[behaviourAnnotation];
  const word = asked ?? byImage ?? (words.has(tag) ? tag : '');
  const script = readScript([...(container.command ?? []), ...(container.args ?? [])]);
  const runFor = durationOf(pod, runForAnnotation);
  const probe = container.readinessProbe?.initialDelaySeconds ?? 0;
  const behaviour: Behaviour = {
    missing: word === 'missing',
    readyAfter: Math.min(
      longestReadiness,
      durationOf(pod, readyAfterAnnotation) ?? (word === 'slow' ? 30_000 : Math.min(longestProbeDelay, probe * 1000)),
    ),
    runFor: runFor ?? (ends ? Math.min(longestRun, script?.ms ?? 1000) : undefined),
    exitCode: ends ? (script?.exitCode ?? 0) : 0,
    reason: 'Completed',
  };
  if (!ends && script && script.exitCode !== 0)
    Object.assign(behaviour, { runFor: runFor ?? Math.max(500, script.ms), exitCode: script.exitCode });
  if (word === 'never-ready') behaviour.readyAfter = undefined;
  if (word === 'crash' || (word === 'fail' && ends)) Object.assign(behaviour, { runFor: runFor ?? 500, exitCode: 1 });
  if (word === 'oom') Object.assign(behaviour, { runFor: runFor ?? 500, exitCode: 137 });
  if (behaviour.exitCode !== 0) behaviour.reason = word === 'oom' ? 'OOMKilled' : 'Error';
  // What falls over right away is not ready in between: its probe had no time to succeed.
  if (!ends && behaviour.exitCode !== 0 && runFor === undefined) behaviour.readyAfter = undefined;
  return behaviour;
}

/**
 * The time and the exit status of a command made only of sleep, echo, true, false and exit (perhaps under
 * `sh -c`); undefined for any other, and for a sleep without end.
 */
export function readScript(command: readonly string[]): { ms: number; exitCode: number } | undefined {
  if (command.length === 0) return undefined;
  const shell = /(^|\/)(ba|a|da|z)?sh$/.test(command[0] as string);
  const text = shell && /^-[a-z]*c$/.test(command[1] ?? '') ? (command[2] ?? '') : command.join(' ');
  let ms = 0;
  let exitCode = 0;
  for (const step of text.split(/\s*(?:;|&&|\n)\s*/)) {
    const [word, argument] = step.trim().split(/\s+/) as [string, string?];
    if (word === '' || word === 'set') continue;
    if (word === 'sleep') {
      const match = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(argument ?? '');
      if (!match) return undefined;
      ms += Number(match[1]) * { '': 1000, s: 1000, m: 60_000, h: 3_600_000 }[match[2] as '' | 's' | 'm' | 'h'];
      exitCode = 0;
    } else if (word === 'echo' || word === 'true') exitCode = 0;
    else if (word === 'false') exitCode = 1;
    else if (word === 'exit' && /^\d{1,3}$/.test(argument ?? '0')) return { ms, exitCode: Number(argument ?? '0') & 255 };
    else return undefined;
  }
  return { ms, exitCode };
}
