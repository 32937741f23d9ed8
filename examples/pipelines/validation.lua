-- Looks at what a sync would do before it does it, and refuses what nobody should deploy unseen: deleted data and namespaces,
-- images without a fixed version, containers without limits, conflicts.
--
--     evenkeel run examples/pipelines/validation.lua --param repo=company/shop --param path=k8s

local values = require("values")

local params = {
  repo = { type = "string", required = true, description = "repository of the manifests" },
  path = ".",
  namespace = "default",
}

-- Kinds whose deletion loses more than the object.
local precious = { Namespace = true, PersistentVolume = true, PersistentVolumeClaim = true, CustomResourceDefinition = true }

local function has_version(image)
  local tag = image:match(":([^/:]+)$")
  return image:find("@sha256:", 1, true) ~= nil or (tag ~= nil and tag ~= "latest")
end

local diff = task("diff")
  :description("Finds out what would change")
  :params(params)
  :retries(2, "exponential")
  :command(function(given)
    local created = assert(gitops.workflow({
      repo = given.repo,
      target_path = given.path,
      namespace = given.namespace,
      create_namespace = true,
    }))
    local found = gitops.generate_diff(created.workflow_id)
    return { workflow_id = created.workflow_id, summary = found.summary, changes = found.changes, conflicts = found.conflicts }
  end)
  :build()

local validate = task("validate")
  :description("Refuses what is dangerous")
  :depends_on(diff)
  :command(function(_, deps)
    local findings = {}
    local function find(text) findings[#findings + 1] = text end
    for _, conflict in ipairs(deps.diff.conflicts) do find(conflict.resource .. ": " .. conflict.description) end
    for _, change in ipairs(deps.diff.changes) do
      if change.type == "delete" and precious[change.resource:match("^[^/]+")] then
        find(change.resource .. " would be deleted")
      end
      for _, container in ipairs(values.get(change.desired_state or {}, "spec.template.spec.containers") or {}) do
        local image = container.image or ""
        if not has_version(image) then
          find(change.resource .. ": the image of " .. container.name .. " has no fixed version (" .. image .. ")")
        end
        if values.get(container, "resources.limits.memory") == nil then
          find(change.resource .. ": " .. container.name .. " has no memory limit")
        end
      end
    end
    for _, finding in ipairs(findings) do log.error(finding) end
    if #findings > 0 then return false, #findings .. " findings" end
    return true, "nothing found"
  end)
  :build()

local deploy = task("deploy")
  :description("Syncs what was looked at")
  :depends_on(diff, validate)
  :condition(function(_, deps) return deps.diff.summary.total_changes > 0 end)
  :command(function(_, deps) return gitops.sync_workflow(deps.diff.workflow_id, { reason = "validated" }) end)
  :build()

workflow.define("validated-deploy", { description = "diff → validate → deploy", tasks = { diff, validate, deploy } })
