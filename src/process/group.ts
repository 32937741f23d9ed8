import { readdirSync, readFileSync } from 'node:fs';

/**
 * Whether anybody of a group still runs. A process that has ended and that nobody has asked for its status counts as
 * gone, where the system tells: in containers they may stay for ever.
 */
export function groupRuns(pid: number): boolean {
  try {
    process.kill(-pid, 0);
  } catch {
    return false;
  }
  let processes: string[];
  try {
    processes = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  } catch {
    return true;
  }
  return processes.length === 0 || processes.some((name) => isRunningMember(name, pid));
}

/** State and process group out of proc_pid_stat(5): the fields after the command, which may hold anything. */
function isRunningMember(name: string, group: number): boolean {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    const [state, , pgrp] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return Number(pgrp) === group && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}
