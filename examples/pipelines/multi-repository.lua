-- Several repositories in the order in which they need each other: the database before the backend, the backend before the
-- frontend. What failed holds up only what needs it, and a run goes on where it stopped:
--
--     evenkeel run examples/pipelines/multi-repository.lua --param owner=company
--     evenkeel run examples/pipelines/multi-repository.lua --resume

-- Each with what has to be there before it.
local parts = {
  { name = "database", needs = {} },
  { name = "backend", needs = { "database" } },
  { name = "worker", needs = { "database" } },
  { name = "frontend", needs = { "backend" } },
}

local tasks = {}
for _, part in ipairs(parts) do
  tasks[#tasks + 1] = task(part.name)
    :description("Deploys the " .. part.name)
    :depends_on(part.needs)
    :timeout("15m")
    :retries(1, "fixed", "10s")
    :command(function(params)
      local created = assert(gitops.workflow({
        repo = params.owner .. "/" .. part.name .. "-config",
        namespace = part.name,
        create_namespace = true,
        rollback_on_failure = true,
      }))
      local success, reason = gitops.sync_workflow(created.workflow_id)
      return success, reason or "deployed", { workflow_id = created.workflow_id }
    end)
    :build()
end

tasks[#tasks + 1] = task("verify")
  :description("Looks once more at everything together")
  :depends_on("database", "backend", "worker", "frontend")
  :command(function(_, deps)
    local unwell = {}
    for _, deployed in pairs(deps) do
      for _, object in ipairs(assert(gitops.inspect(deployed.workflow_id))) do
        if object.sync ~= "synced" or (object.health and object.health.status ~= "Healthy") then
          unwell[#unwell + 1] = object.key.kind .. "/" .. object.key.name
        end
      end
    end
    if #unwell > 0 then return false, "not well: " .. table.concat(unwell, ", ") end
    return true, "all is well"
  end)
  :build()

workflow.define("everything", {
  description = "All repositories, in the order of their needs",
  params = { owner = { type = "string", required = true, description = "owner, folder or URL that the repositories are under" } },
  max_parallel = 4,
  tasks = tasks,
})
