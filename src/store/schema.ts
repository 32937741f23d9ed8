/** The tables as Kysely types them. Times are milliseconds since the epoch; `undefined` is stored as null. */
export interface Tables {
  meta: { name: string; value: string };
  secrets: { name: string; sealed: Uint8Array };
  repositories: {
    id: string;
    url: string;
    branch: string;
    credentials: Uint8Array | null;
    poll_interval_ms: number;
    created_at: number;
  };
  workflows: {
    id: string;
    name: string;
    repository_id: string;
    target_path: string;
    settings: string;
    created_at: number;
    updated_at: number;
  };
  runs: {
    id: string;
    workflow_id: string;
    status: string;
    revision: string;
    started_at: number;
    finished_at: number | null;
    requested_by: string;
    reason: string | null;
    message: string;
    metrics: string;
    error: string | null;
  };
  run_resources: {
    run_id: string;
    seq: number;
    api_group: string;
    kind: string;
    namespace: string;
    name: string;
    action: string;
    health: string | null;
    message: string;
    at: number;
  };
  inventory: {
    workflow_id: string;
    cluster: string;
    namespace: string;
    api_group: string;
    kind: string;
    name: string;
    version: string;
    uid: string;
    desired_hash: string;
    managed_hash: string;
  };
  cache: { kind: string; key: string; used_at: number; size: number; value: Uint8Array };
  documents: { kind: string; id: string; workflow_id: string; at: number; size: number; value: Uint8Array };
  audit: {
    seq: number;
    at: number;
    actor: string;
    action: string;
    subject: string;
    reason: string | null;
    detail: string;
    previous: string;
    hash: string;
  };
  task_runs: {
    id: string;
    pipeline: string;
    file: string;
    status: string;
    started_at: number;
    finished_at: number | null;
    requested_by: string;
    resumed_from: string | null;
    message: string;
  };
  task_results: {
    run_id: string;
    task: string;
    seq: number;
    state: string;
    command: string;
    attempts: number;
    started_at: number | null;
    finished_at: number | null;
    message: string | null;
    error: string | null;
    artifacts: string;
  };
  task_logs: { run_id: string; seq: number; task: string; at: number; level: string; line: string };
  state: { key: string; version: number; expires_at: number | null; value: Uint8Array };
  executions: { id: string; task: string; at: number; success: number; seconds: number | null; detail: Uint8Array };
  locks: {
    name: string;
    fence: number;
    /** Null where nobody holds the lock; the row stays so that the fence only grows. */
    holder_id: string | null;
    pid: number;
    process_start: string;
    machine: string;
    host: string;
    what: string;
    since: number;
    expires_at: number;
  };
}
