import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { sha256 } from '../model/index.js';

/** Who a process is, so that another one can tell later whether it still lives. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the kernel's units; '' where the system does not say. Tells a reused pid. */
  start: string;
  /**
   * Processes of equal `machine` see each other's pids: same host, same boot, same pid namespace. Two
   * containers of one host name are two machines.
   */
  machine: string;
  host: string;
}

export function thisProcess(): ProcessIdentity {
  const host = hostname();
  const boot = read('/proc/sys/kernel/random/boot_id');
  return { pid: process.pid, start: stat('self')?.start ?? '', machine: sha256(`${host}\n${boot}\n${namespace()}`).slice(0, 16), host };
}

/** False only where it is certain that the process of this machine has ended. */
export function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = stat(String(pid));
  // A zombie has ended and waits only for its parent to notice.
  return now === undefined || (now.state !== 'Z' && now.state !== 'X' && (start === '' || now.start === start));
}

/** State and start time out of proc_pid_stat(5): the fields after the command, which may hold anything. */
function stat(pid: string): { state: string; start: string } | undefined {
  const text = read(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const start = fields[19];
  return state === undefined || start === undefined ? undefined : { state, start };
}

function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
