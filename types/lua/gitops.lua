---@meta gitops
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.gitops.workflow.options.conflict_rules
---@field group? string API group; the core group is the empty text
---@field kind? string
---@field name? string May hold * for any characters
---@field namespace? string May hold * for any characters
---@field path? string Field, for example spec.replicas; may hold * for any characters
---@field manager? string Field manager that set it; may hold * for any characters
---@field action "take"|"yield"|"ignore"|"block" take: what Git says is set. yield: theirs stays, and Git no longer owns the field. ignore: as yield, and not worth a warning. block: the sync stops

---@class (exact) evenkeel.gitops.workflow.options.ignore_differences
---@field group? string API group; the core group is the empty text
---@field kind? string
---@field name? string May hold * for any characters
---@field namespace? string May hold * for any characters
---@field json_pointers? string[]
---@field managers? string[] Field managers whose fields are left to them; may hold * for any characters

---@class (exact) evenkeel.gitops.workflow.options.sync_policy.retry
---@field limit? number Further attempts after the first. Default 0
---@field backoff? "exponential"|"linear"|"fixed" How the pause between attempts grows. Default exponential
---@field max_duration? string Total time that attempts may take. Default 10m

---@class (exact) evenkeel.gitops.workflow.options.sync_policy.health_check
---@field enabled? boolean Wait until everything is healthy. Default true
---@field timeout? string Default 5m
---@field failure_mode? "ignore"|"fail"|"rollback" What an unhealthy result means. Default fail

---@class (exact) evenkeel.gitops.workflow.options.sync_policy
---@field auto_prune? boolean Delete what left Git. Default false
---@field retry? evenkeel.gitops.workflow.options.sync_policy.retry
---@field health_check? evenkeel.gitops.workflow.options.sync_policy.health_check
---@field pre_sync_hooks? string[] Shell commands to run on this machine before the first write of a sync
---@field post_sync_hooks? string[] Shell commands to run on this machine when a sync is done and healthy
---@field hook_timeout? string How long one of these commands may take. Default 10m

---@class (exact) evenkeel.gitops.workflow.options
---@field repo string As the url of a repository
---@field branch? string
---@field target_path? string Folder in the repository. Default . (the root)
---@field approval_required? boolean Wait for a person before every sync that changes something. Default false
---@field approval_impact? "low"|"medium"|"high"|"critical" Wait for a person before a sync with a change of this impact or a higher one
---@field approval_timeout? string How long a request, and an approval that was given, hold. Default 24h
---@field conflict_rules? evenkeel.gitops.workflow.options.conflict_rules[]
---@field ignore_differences? evenkeel.gitops.workflow.options.ignore_differences[]
---@field auto_sync? boolean Sync by itself when Git or the cluster changes. Default false
---@field sync_interval? string How often auto-sync looks. Default: the poll interval of the repository
---@field diff_preview? boolean Ask the server about every change before the first write, creations too. Default false
---@field rollback_on_failure? boolean Put everything back when a sync fails. Default false
---@field sync_policy? evenkeel.gitops.workflow.options.sync_policy
---@field cluster? string "sandbox" (default), or "context:NAME" of a kubeconfig, or "in-cluster"
---@field kubeconfig? string Path of the kubeconfig that has the context
---@field namespace? string For objects that name none. Default default
---@field create_namespace? boolean Make namespaces that are missing. Default false
---@field include? string[] Globs of the files to read, relative to the path. Default: all YAML and JSON files
---@field exclude? string[] Globs of files to leave out
---@field load_restrictor? "root"|"none" Where files of a kustomization may lie: in and below its own folder, or anywhere in the repository. Default root
---@field remote_bases? "allow"|"refuse" Bases of a kustomization in other repositories. Default allow

---@class (exact) evenkeel.gitops.WorkflowCreated
---@field workflow_id string Id of the workflow
---@field repository_id string Id of the repository
---@field status "created" Always `created`
---@field auto_sync boolean As it was asked for
---@field diff_preview boolean As it was asked for
---@field rollback_on_failure boolean As it was asked for

---@class (exact) evenkeel.gitops.register_repository.options.credentials.token
---@field type "token"
---@field token string
---@field username? string

---@class (exact) evenkeel.gitops.register_repository.options.credentials.userpass
---@field type "userpass"
---@field username string
---@field password string

---@class (exact) evenkeel.gitops.register_repository.options.credentials.ssh
---@field type "ssh"
---@field ssh_key string
---@field known_hosts? string

---@class (exact) evenkeel.gitops.register_repository.options
---@field id? string Name that workflows refer to; made from the URL where it is left out
---@field url string https://, ssh://, git@host:path, file://, a local path, or owner/name for GitHub
---@field branch? string Branch to follow. Default main
---@field tag? string Tag to follow instead of a branch
---@field commit? string Full commit hash to stay at instead of following a branch
---@field credentials? evenkeel.gitops.register_repository.options.credentials.token|evenkeel.gitops.register_repository.options.credentials.userpass|evenkeel.gitops.register_repository.options.credentials.ssh
---@field poll_interval? string How often the remote is asked for new commits. Default 30s

---@class (exact) evenkeel.gitops.create_workflow.options.conflict_rules
---@field group? string API group; the core group is the empty text
---@field kind? string
---@field name? string May hold * for any characters
---@field namespace? string May hold * for any characters
---@field path? string Field, for example spec.replicas; may hold * for any characters
---@field manager? string Field manager that set it; may hold * for any characters
---@field action "take"|"yield"|"ignore"|"block" take: what Git says is set. yield: theirs stays, and Git no longer owns the field. ignore: as yield, and not worth a warning. block: the sync stops

---@class (exact) evenkeel.gitops.create_workflow.options.ignore_differences
---@field group? string API group; the core group is the empty text
---@field kind? string
---@field name? string May hold * for any characters
---@field namespace? string May hold * for any characters
---@field json_pointers? string[]
---@field managers? string[] Field managers whose fields are left to them; may hold * for any characters

---@class (exact) evenkeel.gitops.create_workflow.options.sync_policy.retry
---@field limit? number Further attempts after the first. Default 0
---@field backoff? "exponential"|"linear"|"fixed" How the pause between attempts grows. Default exponential
---@field max_duration? string Total time that attempts may take. Default 10m

---@class (exact) evenkeel.gitops.create_workflow.options.sync_policy.health_check
---@field enabled? boolean Wait until everything is healthy. Default true
---@field timeout? string Default 5m
---@field failure_mode? "ignore"|"fail"|"rollback" What an unhealthy result means. Default fail

---@class (exact) evenkeel.gitops.create_workflow.options.sync_policy
---@field auto_prune? boolean Delete what left Git. Default false
---@field retry? evenkeel.gitops.create_workflow.options.sync_policy.retry
---@field health_check? evenkeel.gitops.create_workflow.options.sync_policy.health_check
---@field pre_sync_hooks? string[] Shell commands to run on this machine before the first write of a sync
---@field post_sync_hooks? string[] Shell commands to run on this machine when a sync is done and healthy
---@field hook_timeout? string How long one of these commands may take. Default 10m

---@class (exact) evenkeel.gitops.create_workflow.options
---@field id? string
---@field name? string
---@field repository string Id of a registered repository
---@field target_path? string Folder in the repository. Default . (the root)
---@field approval_required? boolean Wait for a person before every sync that changes something. Default false
---@field approval_impact? "low"|"medium"|"high"|"critical" Wait for a person before a sync with a change of this impact or a higher one
---@field approval_timeout? string How long a request, and an approval that was given, hold. Default 24h
---@field conflict_rules? evenkeel.gitops.create_workflow.options.conflict_rules[]
---@field ignore_differences? evenkeel.gitops.create_workflow.options.ignore_differences[]
---@field auto_sync? boolean Sync by itself when Git or the cluster changes. Default false
---@field sync_interval? string How often auto-sync looks. Default: the poll interval of the repository
---@field diff_preview? boolean Ask the server about every change before the first write, creations too. Default false
---@field rollback_on_failure? boolean Put everything back when a sync fails. Default false
---@field sync_policy? evenkeel.gitops.create_workflow.options.sync_policy
---@field cluster? string "sandbox" (default), or "context:NAME" of a kubeconfig, or "in-cluster"
---@field kubeconfig? string Path of the kubeconfig that has the context
---@field namespace? string For objects that name none. Default default
---@field create_namespace? boolean Make namespaces that are missing. Default false
---@field include? string[] Globs of the files to read, relative to the path. Default: all YAML and JSON files
---@field exclude? string[] Globs of files to leave out
---@field load_restrictor? "root"|"none" Where files of a kustomization may lie: in and below its own folder, or anywhere in the repository. Default root
---@field remote_bases? "allow"|"refuse" Bases of a kustomization in other repositories. Default allow

---@class (exact) evenkeel.gitops.sync_workflow.options
---@field plan? any Exactly this plan, as gitops.plan gave it, or nothing
---@field prune? boolean Delete what left Git, whatever the policy says
---@field take_back? boolean Set fields that people changed by hand back to what Git says
---@field adopt? boolean Take over objects that exist and belong to no workflow
---@field allow_mass_prune? boolean Delete even where that is most of the inventory
---@field create_namespace? boolean Make namespaces that are missing
---@field health_timeout? string Time limit of the health check in place of the policy's: `10m`
---@field no_wait? boolean Do not wait for health
---@field reason? string Why, for the history

---@class (exact) evenkeel.gitops.generate_diff.options
---@field prune? boolean Also show what would be deleted
---@field take_back? boolean As if fields that people changed were set back
---@field adopt? boolean As if objects of nobody were taken over
---@field ref? string Another branch, tag (`refs/tags/…`) or commit than the repository follows

---@class (exact) evenkeel.gitops.DiffSummary
---@field total_changes integer Changes in all; 0 where there is nothing to do
---@field created_resources integer Objects to create
---@field updated_resources integer Objects to update
---@field deleted_resources integer Objects to delete
---@field unchanged_resources integer Objects that stay as they are
---@field conflict_count integer Conflicts that stop a sync
---@field warning_count integer Warnings

---@class (exact) evenkeel.gitops.FieldChange
---@field path string The field
---@field before? any Its value in the cluster
---@field after? any Its value in Git
---@field owners string[] Who owns it in the cluster

---@class (exact) evenkeel.gitops.Change
---@field resource string `Kind/name`
---@field namespace string Its namespace
---@field group string Its API group
---@field type "create"|"update"|"delete" What would be done
---@field current_state? evenkeel.KubernetesObject The object as the cluster has it
---@field desired_state? evenkeel.KubernetesObject The object as Git has it
---@field diff string For people
---@field impact "low"|"medium"|"high"|"critical" How much depends on it
---@field reasons string[] Why the impact is that
---@field recreate? boolean True where the object is deleted and made anew
---@field fields evenkeel.gitops.FieldChange[] Field by field
---@field source? any File and line

---@class (exact) evenkeel.gitops.Conflict
---@field resource string `Kind/name`
---@field namespace string Its namespace
---@field group string Its API group
---@field type "resource_exists"|"out_of_sync"|"validation" What kind of conflict
---@field description string What is in the way
---@field current_state? evenkeel.KubernetesObject The object as the cluster has it
---@field desired_state? evenkeel.KubernetesObject The object as Git has it
---@field suggestions string[] What to do
---@field resolution "blocked"|"taken"|"yielded"|"ignored" What was decided
---@field path? string The field
---@field owner? string Who set it
---@field ours? any The value in Git
---@field theirs? any The value in the cluster
---@field base? any The value of the last sync
---@field source? any File and line

---@class (exact) evenkeel.gitops.Diff
---@field workflow_id string Id of the workflow
---@field generated_at string When it was made
---@field revision string Of which revision
---@field summary evenkeel.gitops.DiffSummary Counts
---@field changes evenkeel.gitops.Change[] What a sync would do
---@field conflicts evenkeel.gitops.Conflict[] What stops a sync
---@field resolutions evenkeel.gitops.Conflict[] Conflicts that the rules have decided already
---@field hooks any[] Hooks that a sync runs
---@field warnings string[] What to look at

---@class (exact) evenkeel.gitops.preview_changes.options
---@field prune? boolean Also show what would be deleted
---@field take_back? boolean As if fields that people changed were set back
---@field adopt? boolean As if objects of nobody were taken over
---@field ref? string Another branch, tag (`refs/tags/…`) or commit than the repository follows

---@class (exact) evenkeel.gitops.plan.options
---@field prune? boolean Also show what would be deleted
---@field take_back? boolean As if fields that people changed were set back
---@field adopt? boolean As if objects of nobody were taken over
---@field ref? string Another branch, tag (`refs/tags/…`) or commit than the repository follows

---@class (exact) evenkeel.gitops.approve_workflow.options
---@field plan? any On exactly this plan. Default: what was requested last
---@field reason? string Why, for the audit trail

---@class (exact) evenkeel.gitops.Approval
---@field id string Id
---@field workflow_id string Id of the workflow
---@field state "pending"|"approved"|"rejected"|"expired" How it stands
---@field digest string Of the plan that it is bound to
---@field revision string Of which revision
---@field impact "low"|"medium"|"high"|"critical" The gravest of its changes
---@field summary string Like `2 to update, 1 to delete`
---@field gate string Why it is asked for
---@field requested_at integer Milliseconds since 1970
---@field requested_by string Who asked
---@field expires_at integer When it ends by itself
---@field decided_at? integer When it was decided
---@field decided_by? string Who decided
---@field reason? string What they said

---@class (exact) evenkeel.gitops.reject_workflow.options
---@field plan? any On exactly this plan. Default: what was requested last
---@field reason? string Why, for the audit trail

---@class (exact) evenkeel.gitops.SyncMetrics
---@field duration string Like `45.2s`
---@field resources_processed integer Objects looked at
---@field resources_applied integer Objects written
---@field resources_skipped integer Objects left as they were
---@field resources_pruned integer Objects deleted
---@field conflicts_resolved integer Conflicts that a rule has decided

---@class (exact) evenkeel.gitops.SyncResult
---@field id string Id of the run
---@field status "running"|"succeeded"|"failed"|"cancelled" How it ended
---@field start_time string When it began
---@field commit_hash string The revision
---@field message string What happened, in a line
---@field metrics evenkeel.gitops.SyncMetrics Counts
---@field error? any Of a failed run: code, message, where and hint

---@class (exact) evenkeel.gitops.WorkflowStatus
---@field id string Id
---@field name string Name
---@field status "active"|"syncing"|"synced"|"failed"|"degraded" How it stands
---@field auto_sync boolean Whether it is synced by itself
---@field repository string Id of the repository
---@field repository_url string Its URL
---@field branch string What is followed
---@field target_path string Folder in the repository
---@field cluster string Which cluster
---@field namespace string For objects that name none
---@field last_sync_result? evenkeel.gitops.SyncResult The last sync
---@field syncing_by? string While a sync runs: who runs it
---@field waiting_for? string While a sync runs: what it waits for, and why
---@field approval? any The request for approval that is open, or the approval that no sync has used yet
---@field hold? any After a rollback: what does not come back by itself, and why

---@class (exact) evenkeel.gitops.rollback_workflow.options
---@field revision? string A revision that was synced successfully
---@field time? string A moment: RFC 3339
---@field run? string A run after which it was good

---@class (exact) evenkeel.gitops.preview_rollback.options
---@field revision? string A revision that was synced successfully
---@field time? string A moment: RFC 3339
---@field run? string A run after which it was good

---@class (exact) evenkeel.gitops.RollbackPreview
---@field diff evenkeel.gitops.Diff What would change
---@field to string Where it goes back to

---@class (exact) evenkeel.gitops.history.options
---@field limit? integer How many. Default 50

---@class (exact) evenkeel.gitops.PastRun
---@field id string Id of the run
---@field status "running"|"succeeded"|"failed"|"cancelled" How it ended
---@field start_time string When it began
---@field commit_hash string The revision
---@field message string What happened, in a line
---@field metrics evenkeel.gitops.SyncMetrics Counts
---@field error? any Of a failed run: code, message, where and hint
---@field workflow_id string Id of the workflow
---@field requested_by string Who asked
---@field reason? string Why

---@class (exact) evenkeel.gitops.ResourceKey
---@field group string API group; empty for the core group
---@field kind string Kind
---@field namespace string Namespace; empty for cluster-scoped kinds
---@field name string Name

---@class (exact) evenkeel.gitops.Health
---@field status "Healthy"|"Progressing"|"Suspended"|"Degraded"|"Missing"|"Unknown" Its health
---@field message string Why

---@class (exact) evenkeel.gitops.InspectedResource
---@field key evenkeel.gitops.ResourceKey Which object
---@field health? evenkeel.gitops.Health Its health, where its kind has one
---@field sync "synced"|"drifted"|"missing"|"left-over" Whether it is as it was applied
---@field why string Why it is not healthy

---GitOps as functions: look at the diff as data, decide, sync, roll back.
---@class evenkeel.gitops
gitops = {}

---Registers a repository and creates a workflow in one; the same options give the same workflow.
---@param options evenkeel.gitops.workflow.options Options
---@return evenkeel.gitops.WorkflowCreated?
---@return string? reason Why not
---@return string? code The code of the error
function gitops.workflow(options) end

---Registers a repository. The same id for another URL is refused.
---@param options evenkeel.gitops.register_repository.options Options
---@return string? # Id of the repository
---@return string? reason Why not
---@return string? code The code of the error
function gitops.register_repository(options) end

---Creates a workflow. The same id for another repository or path is refused.
---@param options evenkeel.gitops.create_workflow.options Options
---@return string? # Id of the workflow
---@return string? reason Why not
---@return string? code The code of the error
function gitops.create_workflow(options) end

---Carries out a sync.
---@param workflow_id string Id of the workflow
---@param options? evenkeel.gitops.sync_workflow.options Options
---@return boolean success
---@return string? reason Why not
---@return string? code The code of the error
function gitops.sync_workflow(workflow_id, options) end

---What a sync would do now, and what stands in its way. Writes nothing.
---@param workflow_id string Id of the workflow
---@param options? evenkeel.gitops.generate_diff.options Options
---@return evenkeel.gitops.Diff
function gitops.generate_diff(workflow_id, options) end

---The same as generateDiff.
---@param workflow_id string Id of the workflow
---@param options? evenkeel.gitops.preview_changes.options Options
---@return evenkeel.gitops.Diff
function gitops.preview_changes(workflow_id, options) end

---A diff frozen with what it stands on: syncWorkflow carries out exactly it, or nothing. It is handed over as it is.
---@param workflow_id string Id of the workflow
---@param options? evenkeel.gitops.plan.options Options
---@return any?
---@return string? reason Why not
---@return string? code The code of the error
function gitops.plan(workflow_id, options) end

---Lets a sync go ahead that waits for a person.
---@param workflow_id string Id of the workflow
---@param options? evenkeel.gitops.approve_workflow.options Options
---@return evenkeel.gitops.Approval?
---@return string? reason Why not
---@return string? code The code of the error
function gitops.approve_workflow(workflow_id, options) end

---Refuses exactly these changes.
---@param workflow_id string Id of the workflow
---@param options? evenkeel.gitops.reject_workflow.options Options
---@return evenkeel.gitops.Approval?
---@return string? reason Why not
---@return string? code The code of the error
function gitops.reject_workflow(workflow_id, options) end

---Requests and decisions, newest first.
---@param workflow_id string Id of the workflow
---@return evenkeel.gitops.Approval[]?
---@return string? reason Why not
---@return string? code The code of the error
function gitops.approvals(workflow_id) end

---How a workflow stands.
---@param workflow_id string Id of the workflow
---@return evenkeel.gitops.WorkflowStatus?
---@return string? reason Why not
---@return string? code The code of the error
function gitops.get_workflow_status(workflow_id) end

---How all workflows stand.
---@return evenkeel.gitops.WorkflowStatus[]?
---@return string? reason Why not
---@return string? code The code of the error
function gitops.list_workflows() end

---Puts a workflow's objects back and holds it. Needs no Git.
---@param workflow_id string Id of the workflow
---@param reason string Why, for the history
---@param options? evenkeel.gitops.rollback_workflow.options Options
---@return boolean success
---@return string? reason Why not
---@return string? code The code of the error
function gitops.rollback_workflow(workflow_id, reason, options) end

---What a rollback would do.
---@param workflow_id string Id of the workflow
---@param options? evenkeel.gitops.preview_rollback.options Options
---@return evenkeel.gitops.RollbackPreview
function gitops.preview_rollback(workflow_id, options) end

---Ends the hold that a rollback left.
---@param workflow_id string Id of the workflow
---@param reason? string Why, for the history
---@return boolean # Whether there was one
---@return string? reason Why not
---@return string? code The code of the error
function gitops.resume_workflow(workflow_id, reason) end

---Keeps every workflow with auto-sync in sync until it is stopped.
---@return boolean done
---@return string? reason Why not
---@return string? code The code of the error
function gitops.start_auto_sync() end

---Ends that.
---@return boolean done
---@return string? reason Why not
---@return string? code The code of the error
function gitops.stop_auto_sync() end

---Past runs, newest first.
---@param workflow_id? string Id of the workflow. Default: all
---@param options? evenkeel.gitops.history.options Options
---@return evenkeel.gitops.PastRun[]?
---@return string? reason Why not
---@return string? code The code of the error
function gitops.history(workflow_id, options) end

---The objects of a workflow as the cluster has them now.
---@param workflow_id string Id of the workflow
---@return evenkeel.gitops.InspectedResource[]?
---@return string? reason Why not
---@return string? code The code of the error
function gitops.inspect(workflow_id) end

return gitops
