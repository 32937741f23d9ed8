-- What to do before and after the worst. `backup` writes the objects of a namespace to a file, with a checksum and what was
-- synced from where; `restore` checks the file, puts everything back and waits until it is healthy.
--
--     evenkeel run examples/pipelines/disaster-recovery.lua --pipeline backup --param namespace=shop
--     evenkeel run examples/pipelines/disaster-recovery.lua --pipeline restore --param namespace=shop
--
-- Secrets are left out of the file, which is in clear: have them come from where they are kept.

local data = require("data")
local fs = require("fs")
local kubernetes = require("kubernetes")

local params = {
  namespace = { type = "string", required = true, description = "namespace" },
  folder = "backups",
}

local kinds = {
  "ConfigMap", "ServiceAccount", "PersistentVolumeClaim", "Service", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Ingress",
}
-- Kinds that have a health to wait for.
local workloads = { Deployment = true, StatefulSet = true, DaemonSet = true }

-- Takes away what only the cluster that an object came from can say.
local function portable(object)
  object.status = nil
  for _, field in ipairs({ "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields" }) do
    object.metadata[field] = nil
  end
  if object.kind == "Service" and object.spec.clusterIP ~= "None" then
    object.spec.clusterIP, object.spec.clusterIPs = nil, nil
  end
  return object
end

-- Objects that Kubernetes makes by itself.
local function is_owned(object)
  local metadata = object.metadata
  return #(metadata.ownerReferences or {}) > 0
    or (object.kind == "ServiceAccount" and metadata.name == "default")
    or metadata.name == "kube-root-ca.crt"
end

local function file(given, ending) return given.folder .. "/" .. given.namespace .. ending end

local collect = task("collect")
  :description("Reads the objects of the namespace")
  :params(params)
  :command(function(given)
    local objects = {}
    for _, kind in ipairs(kinds) do
      for _, object in ipairs(assert(kubernetes.list(kind, { namespace = given.namespace }))) do
        if not is_owned(object) then objects[#objects + 1] = portable(object) end
      end
    end
    return #objects > 0, #objects .. " objects in " .. given.namespace, objects
  end)
  :build()

local write = task("write")
  :description("Writes them to a file with a checksum")
  :depends_on(collect)
  :params(params)
  :artifacts("backups/**")
  :command(function(given, deps)
    local text = assert(data.to_yaml_documents(deps.collect))
    local synced = {}
    for _, one in ipairs(assert(gitops.list_workflows())) do
      synced[#synced + 1] = {
        id = one.id,
        repository_url = one.repository_url,
        branch = one.branch,
        target_path = one.target_path,
        revision = one.last_sync_result and one.last_sync_result.commit_hash or null,
      }
    end
    assert(fs.write(file(given, ".yaml"), text))
    assert(fs.write(file(given, ".json"), data.to_json({ sha256 = data.hash(text), workflows = synced }, { pretty = true })))
    return file(given, ".yaml")
  end)
  :build()

local read = task("read")
  :description("Reads the file and holds it against its checksum")
  :params(params)
  :command(function(given)
    local text = assert(fs.read_text(file(given, ".yaml")))
    local about = assert(data.parse_json(assert(fs.read_text(file(given, ".json")))))
    if data.hash(text) ~= about.sha256 then return false, "the backup was changed after it was written" end
    return assert(data.parse_yaml_documents(text))
  end)
  :build()

local restore = task("restore")
  :description("Puts the objects back")
  :depends_on(read)
  :params(params)
  :retries(3, "exponential")
  :command(function(given, deps)
    assert(kubernetes.apply({ apiVersion = "v1", kind = "Namespace", metadata = { name = given.namespace } }))
    local applied = assert(kubernetes.apply(deps.read, { force = true }))
    return true, #deps.read .. " objects, " .. applied.created .. " of them were gone", applied.created
  end)
  :build()

local verify = task("verify")
  :description("Waits until what was put back is healthy")
  :depends_on(read, restore)
  :params(params)
  :timeout("10m")
  :command(function(given, deps)
    for _, object in ipairs(deps.read) do
      if workloads[object.kind] then
        local name = object.metadata.name
        assert(kubernetes.wait(object.kind, name, { namespace = given.namespace, healthy = true, timeout = "5m" }))
        log.info(object.kind .. "/" .. name .. " is healthy")
      end
    end
  end)
  :build()

workflow.define("backup", { description = "Writes the objects of a namespace to a file", tasks = { collect, write } })
workflow.define("restore", { description = "Puts them back", tasks = { read, restore, verify } })
