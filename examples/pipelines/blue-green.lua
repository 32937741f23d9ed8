-- Two versions side by side: the idle colour is deployed and tested while the other one serves, then the Service is switched
-- over. If what follows the switch fails, it is switched back.
--
--     evenkeel run examples/pipelines/blue-green.lua --param repo=company/shop --param smoke='curl -fsS http://shop-$COLOUR/health'
--
-- The repository has the folders blue and green, each with a Deployment shop-blue or shop-green whose pods carry the labels
-- app=shop and colour=blue or green. The Service is the pipeline's own.

local exec = require("exec")
local kubernetes = require("kubernetes")
local values = require("values")

local params = {
  repo = { type = "string", required = true, description = "repository of the manifests" },
  namespace = "shop",
  smoke = { type = "string", default = "true", description = "command that succeeds where $COLOUR works" },
  soak = { type = "number", default = 30, description = "seconds to watch after the switch" },
}

local function switch_to(colour, namespace)
  local applied, reason = kubernetes.apply({
    apiVersion = "v1",
    kind = "Service",
    metadata = { name = "shop", namespace = namespace },
    spec = { selector = { app = "shop", colour = colour }, ports = { { name = "http", port = 80, targetPort = 8080 } } },
  })
  if not applied then return false, reason end
  log.info("the Service points to " .. colour)
  return true, colour .. " serves"
end

local function smoke_test(colour, command)
  assert(exec.run(command, { env = { COLOUR = colour }, timeout = "1m", stream = true }))
end

local choose = task("choose")
  :description("Finds out which colour serves")
  :params(params)
  :command(function(given)
    local service = kubernetes.get("Service", "shop", { namespace = given.namespace })
    local live = service and values.get(service, "spec.selector.colour")
    local idle = live == "blue" and "green" or "blue"
    return true, (live or "nothing") .. " serves, " .. idle .. " is next", { live = live, idle = idle }
  end)
  :build()

local deploy = task("deploy")
  :description("Deploys the idle colour")
  :depends_on(choose)
  :params(params)
  :command(function(given, deps)
    local created = assert(gitops.workflow({
      repo = given.repo,
      target_path = deps.choose.idle,
      namespace = given.namespace,
      create_namespace = true,
      rollback_on_failure = true,
    }))
    return gitops.sync_workflow(created.workflow_id, { reason = "deploy " .. deps.choose.idle })
  end)
  :build()

local test = task("test")
  :description("Tests the idle colour before anybody uses it")
  :depends_on(choose, deploy)
  :params(params)
  :retries(3, "linear", "5s")
  :command(function(given, deps)
    local idle = deps.choose.idle
    assert(kubernetes.wait("Deployment", "shop-" .. idle, { namespace = given.namespace, healthy = true, timeout = "5m" }))
    smoke_test(idle, given.smoke)
  end)
  :build()

local switch = task("switch")
  :description("Lets the Service point to the new colour")
  :depends_on(choose, test)
  :params(params)
  :command(function(given, deps) return switch_to(deps.choose.idle, given.namespace) end)
  :build()

local verify = task("verify")
  :description("Watches the new colour serve")
  :depends_on(choose, switch)
  :params(params)
  :command(function(given, deps)
    local idle = deps.choose.idle
    for second = 0, given.soak, 5 do
      local health = kubernetes.health("Deployment", "shop-" .. idle, { namespace = given.namespace })
      if not health or health.status ~= "Healthy" then
        return false, "shop-" .. idle .. " is " .. (health and health.status or "gone")
      end
      smoke_test(idle, given.smoke)
      if second + 5 <= given.soak then sleep(5) end
    end
    return true, idle .. " serves"
  end)
  :build()

local switch_back = task("switch-back")
  :description("Puts the Service back where what followed the switch failed")
  :depends_on(choose, switch, verify)
  :params(params)
  :when("failure")
  :command(function(given, deps)
    local live = deps.choose and deps.choose.live
    if not live then return true, "nothing served before" end
    return switch_to(live, given.namespace)
  end)
  :build()

workflow.define("blue-green", {
  description = "Deploy and test beside what serves, then switch",
  tasks = { choose, deploy, test, switch, verify, switch_back },
})
