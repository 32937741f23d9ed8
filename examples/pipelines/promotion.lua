-- One change on its way through development and staging to production, with a gate before the last step: it shows what would
-- change, refuses conflicts, and asks. Production gets exactly the revision that staging has shown to work.
--
--     evenkeel run examples/pipelines/promotion.lua --param repo=company/shop
--
-- The repository has the folders environments/development, environments/staging and environments/production.

local prompt = require("prompt")

local params = {
  repo = { type = "string", required = true, description = "repository of the manifests" },
  branch = "main",
}

local function workflow_of(environment, given)
  local created = assert(gitops.workflow({
    repo = given.repo,
    branch = given.branch,
    target_path = "environments/" .. environment,
    namespace = "shop-" .. environment,
    create_namespace = true,
    rollback_on_failure = true,
  }))
  return created.workflow_id
end

-- Syncs an environment and waits until it is healthy.
local function deploy(environment, given)
  local id = workflow_of(environment, given)
  local success, reason = gitops.sync_workflow(id, { reason = "promotion" })
  local result = assert(gitops.get_workflow_status(id)).last_sync_result
  local revision = result and result.commit_hash
  return {
    success = success,
    message = reason or (result.message .. " at " .. revision:sub(1, 12)),
    output = { workflow_id = id, revision = revision },
  }
end

local development = task("development")
  :description("Deploys to development")
  :params(params)
  :command(function(given) return deploy("development", given) end)
  :build()

local staging = task("staging")
  :description("Deploys to staging")
  :depends_on(development)
  :params(params)
  :command(function(given) return deploy("staging", given) end)
  :build()

local gate = task("gate")
  :description("Shows what would change in production, and asks")
  :depends_on(staging)
  :params(params)
  :command(function(given)
    local diff = gitops.generate_diff(workflow_of("production", given))
    for _, conflict in ipairs(diff.conflicts) do
      log.error(conflict.resource .. ": " .. conflict.description)
    end
    if diff.summary.conflict_count > 0 then return false, "conflicts have to be resolved first" end
    if diff.summary.total_changes == 0 then return true, "nothing changes" end
    for _, change in ipairs(diff.changes) do
      log.info(change.type .. " " .. change.resource .. " (" .. change.impact .. " impact)")
    end
    for _, warning in ipairs(diff.warnings) do log.warn(warning) end
    local yes = prompt.confirm("Deploy " .. diff.summary.total_changes .. " changes to production?")
    return yes, yes and "approved" or "not approved"
  end)
  :build()

local production = task("production")
  :description("Deploys to production")
  :depends_on(staging, gate)
  :params(params)
  :command(function(given, deps)
    local result = deploy("production", given)
    local revision = result.output.revision
    if not result.success or revision == deps.staging.revision then return result end
    gitops.rollback_workflow(result.output.workflow_id, given.branch .. " moved on after staging was deployed")
    return false, given.branch .. " moved on after staging was deployed: promote " .. revision:sub(1, 12) .. " from the start"
  end)
  :build()

workflow.define("promotion", {
  description = "development → staging → gate → production",
  tasks = { development, staging, gate, production },
  on_complete = function(success)
    log.info(success and "production is up to date" or "production was left as it was")
  end,
})
