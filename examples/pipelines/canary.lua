-- A new version for a few first: the canary grows step by step and is watched at each; only then the stable Deployment follows.
-- Whatever happens, the canary is taken back to nothing at the end.
--
--     evenkeel run examples/pipelines/canary.lua --param repo=company/shop --param soak=60
--
-- The repository has the folders canary and stable with the Deployments shop-canary and shop-stable. That of the canary says
-- nothing of replicas: how many there are is the pipeline's to decide.

local kubernetes = require("kubernetes")
local values = require("values")

local params = {
  repo = { type = "string", required = true, description = "repository of the manifests" },
  namespace = "shop",
  steps = { type = "list", default = { 1, 2, 4 }, description = "replicas of the canary, step by step" },
  soak = { type = "number", default = 60, description = "seconds to watch at each step" },
  restarts = { type = "number", default = 0, description = "restarts of containers that are put up with" },
}

local name = "shop-canary"

-- Why the canary should not go on, or nil where nothing speaks against it.
local function complaint(namespace, restarts)
  local health = kubernetes.health("Deployment", name, { namespace = namespace })
  if not health or health.status ~= "Healthy" then
    return name .. " is " .. (health and health.status .. ": " .. health.message or "gone")
  end
  local counted = 0
  for _, pod in ipairs(assert(kubernetes.list("Pod", { namespace = namespace, label_selector = "track=canary" }))) do
    for _, status in ipairs(values.get(pod, "status.containerStatuses") or {}) do
      counted = counted + (status.restartCount or 0)
    end
  end
  if counted > restarts then return "its containers were restarted " .. counted .. " times" end
end

local function sync_folder(target_path, given)
  local created = assert(gitops.workflow({
    repo = given.repo,
    target_path = target_path,
    namespace = given.namespace,
    create_namespace = true,
    rollback_on_failure = true,
  }))
  return gitops.sync_workflow(created.workflow_id, { reason = "canary release" })
end

local canary = task("canary")
  :description("Deploys the canary")
  :params(params)
  :command(function(given) return sync_folder("canary", given) end)
  :build()

local grow = task("grow")
  :description("Lets the canary grow, and watches it")
  :depends_on(canary)
  :params(params)
  :command(function(given)
    for _, step in ipairs(given.steps) do
      local replicas = math.tointeger(tonumber(step))
      assert(kubernetes.scale("Deployment", name, replicas, { namespace = given.namespace, wait = true, timeout = "5m" }))
      log.info(replicas .. " replicas, watching for " .. given.soak .. "s")
      for second = 0, given.soak, 5 do
        local why = complaint(given.namespace, given.restarts)
        if why then return false, why end
        if second + 5 <= given.soak then sleep(5) end
      end
    end
    return true, "healthy with " .. given.steps[#given.steps] .. " replicas"
  end)
  :build()

local promote = task("promote")
  :description("Lets the stable Deployment follow")
  :depends_on(grow)
  :params(params)
  :command(function(given) return sync_folder("stable", given) end)
  :build()

local retire = task("retire")
  :description("Takes the canary back")
  :depends_on(canary, grow, promote)
  :when("always")
  :params(params)
  :command(function(given)
    if kubernetes.get("Deployment", name, { namespace = given.namespace }) then
      assert(kubernetes.scale("Deployment", name, 0, { namespace = given.namespace }))
    end
  end)
  :build()

workflow.define("canary", { description = "A few first, then all", tasks = { canary, grow, promote, retire } })
