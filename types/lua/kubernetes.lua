---@meta kubernetes
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.kubernetes.get.options
---@field namespace? string Default `default`
---@field cluster? string `sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run
---@field kubeconfig? string Path of the kubeconfig that has the context

---@class (exact) evenkeel.kubernetes.list.options
---@field namespace? string Default `default`
---@field cluster? string `sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run
---@field kubeconfig? string Path of the kubeconfig that has the context
---@field all_namespaces? boolean Of all namespaces. Default false
---@field label_selector? string Like `app=web,tier!=cache`
---@field field_selector? string Like `status.phase=Running`

---@class (exact) evenkeel.kubernetes.apply.options
---@field namespace? string Default `default`
---@field cluster? string `sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run
---@field kubeconfig? string Path of the kubeconfig that has the context
---@field dry_run? boolean Ask the server to do all but keep it. Default false
---@field force? boolean Take fields that others own. Default false
---@field field_manager? string Who owns the fields from then on. Default `evenkeel-script`

---@class (exact) evenkeel.kubernetes.Applied
---@field objects evenkeel.KubernetesObject[] The objects as the server has them now
---@field created integer How many were not there before
---@field warnings string[] What the server warned of

---@class (exact) evenkeel.kubernetes.patch.options
---@field namespace? string Default `default`
---@field cluster? string `sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run
---@field kubeconfig? string Path of the kubeconfig that has the context
---@field dry_run? boolean Ask the server to do all but keep it. Default false
---@field type? "merge"|"json"|"strategic" Default merge
---@field subresource? string Like `status`

---@class (exact) evenkeel.kubernetes.delete.options
---@field namespace? string Default `default`
---@field cluster? string `sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run
---@field kubeconfig? string Path of the kubeconfig that has the context
---@field dry_run? boolean Ask the server to do all but keep it. Default false
---@field propagation? "background"|"foreground"|"orphan" What becomes of what it owns. Default background
---@field grace_period? string|number How long its pods may take to end. Default: as they say
---@field wait? boolean Wait until it is gone. Default false
---@field timeout? string|number How long to wait. Default 5m

---@class (exact) evenkeel.kubernetes.scale.options
---@field namespace? string Default `default`
---@field cluster? string `sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run
---@field kubeconfig? string Path of the kubeconfig that has the context
---@field wait? boolean Wait until it is healthy. Default false
---@field timeout? string|number How long to wait. Default 5m

---@class (exact) evenkeel.kubernetes.restart.options
---@field namespace? string Default `default`
---@field cluster? string `sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run
---@field kubeconfig? string Path of the kubeconfig that has the context
---@field wait? boolean Wait until it is healthy. Default false
---@field timeout? string|number How long to wait. Default 5m

---@class (exact) evenkeel.kubernetes.wait.options
---@field namespace? string Default `default`
---@field cluster? string `sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run
---@field kubeconfig? string Path of the kubeconfig that has the context
---@field healthy? boolean Until it is healthy; the default
---@field condition? string Until it has this condition, like `Ready`
---@field status? string Which status of the condition. Default `True`
---@field path? string Until there is something at this path, like `status.loadBalancer.ingress[0].ip`
---@field value? any Until it is this that is at the path
---@field deleted? boolean Until it is gone
---@field timeout? string|number How long to wait. Default 5m

---@class (exact) evenkeel.kubernetes.health.options
---@field namespace? string Default `default`
---@field cluster? string `sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run
---@field kubeconfig? string Path of the kubeconfig that has the context

---@class (exact) evenkeel.kubernetes.Health
---@field status "Healthy"|"Progressing"|"Suspended"|"Degraded"|"Missing"|"Unknown" Its health
---@field message string Why

---@class (exact) evenkeel.kubernetes.logs.options
---@field namespace? string Default `default`
---@field cluster? string `sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run
---@field kubeconfig? string Path of the kubeconfig that has the context
---@field container? string Default: the only one
---@field previous? boolean Of the container before it was restarted. Default false
---@field timestamps? boolean With the time of each line. Default false
---@field since? string|number No older than this
---@field tail? integer The last so many lines
---@field max_bytes? integer Default 16 MiB

---Objects of a cluster, as they are: nothing in them is renamed or left out.
---@class evenkeel.kubernetes
local kubernetes = {}

---Reads an object.
---@param kind string Kind, plural, singular or short name, optionally with `.group`
---@param name string Its name
---@param options? evenkeel.kubernetes.get.options Options
---@return evenkeel.KubernetesObject? # Nothing where it does not exist
---@return string? reason Why not
---@return string? code The code of the error
function kubernetes.get(kind, name, options) end

---Lists objects.
---@param kind string Kind, plural, singular or short name, optionally with `.group`
---@param options? evenkeel.kubernetes.list.options Options
---@return evenkeel.KubernetesObject[]?
---@return string? reason Why not
---@return string? code The code of the error
function kubernetes.list(kind, options) end

---Applies objects (server-side apply) in the order that they need. Fields that others own are a conflict.
---@param objects evenkeel.KubernetesObject|evenkeel.KubernetesObject[]|string An object, several, or YAML
---@param options? evenkeel.kubernetes.apply.options Options
---@return evenkeel.kubernetes.Applied?
---@return string? reason Why not
---@return string? code The code of the error
function kubernetes.apply(objects, options) end

---Changes an object.
---@param kind string Kind, plural, singular or short name, optionally with `.group`
---@param name string Its name
---@param patch any What changes
---@param options? evenkeel.kubernetes.patch.options Options
---@return evenkeel.KubernetesObject?
---@return string? reason Why not
---@return string? code The code of the error
function kubernetes.patch(kind, name, patch, options) end

---Deletes an object. One that is not there is no error.
---@param kind string Kind, plural, singular or short name, optionally with `.group`
---@param name string Its name
---@param options? evenkeel.kubernetes.delete.options Options
---@return "gone"|"deleted"|"deleting"? # `gone`: it was not there. `deleting`: something holds it yet
---@return string? reason Why not
---@return string? code The code of the error
function kubernetes.delete(kind, name, options) end

---Sets the number of replicas.
---@param kind string Kind, plural, singular or short name, optionally with `.group`
---@param name string Its name
---@param replicas integer How many
---@param options? evenkeel.kubernetes.scale.options Options
---@return evenkeel.KubernetesObject?
---@return string? reason Why not
---@return string? code The code of the error
function kubernetes.scale(kind, name, replicas, options) end

---Starts the pods of a Deployment, StatefulSet or DaemonSet anew, by its own rules.
---@param kind string Kind, plural, singular or short name, optionally with `.group`
---@param name string Its name
---@param options? evenkeel.kubernetes.restart.options Options
---@return evenkeel.KubernetesObject?
---@return string? reason Why not
---@return string? code The code of the error
function kubernetes.restart(kind, name, options) end

---Waits until an object is as wanted: healthy where nothing else is said.
---@param kind string Kind, plural, singular or short name, optionally with `.group`
---@param name string Its name
---@param options? evenkeel.kubernetes.wait.options Options
---@return evenkeel.KubernetesObject? # The object; nothing where its end was waited for
---@return string? reason Why not
---@return string? code The code of the error
function kubernetes.wait(kind, name, options) end

---The health of an object.
---@param kind string Kind, plural, singular or short name, optionally with `.group`
---@param name string Its name
---@param options? evenkeel.kubernetes.health.options Options
---@return evenkeel.kubernetes.Health? # Nothing where its kind has none
---@return string? reason Why not
---@return string? code The code of the error
function kubernetes.health(kind, name, options) end

---What a container of a pod wrote, so far.
---@param pod string Name of the pod
---@param options? evenkeel.kubernetes.logs.options Options
---@return string?
---@return string? reason Why not
---@return string? code The code of the error
function kubernetes.logs(pod, options) end

return kubernetes
