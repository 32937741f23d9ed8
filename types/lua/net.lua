---@meta net
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.net.request.options
---@field headers? table<string, string> Headers
---@field query? table<string, string|number|boolean> Parameters, added to those in the URL
---@field json? any The body, written as JSON
---@field token? string A bearer token. It is masked in logs from then on
---@field timeout? string|number For the whole exchange. Default 30s
---@field max_bytes? integer A larger answer is refused. Default 16 MiB
---@field redirects? integer How many are followed. Default 5
---@field allow_failure? boolean A status of 400 and above is a result. Default false
---@field body? string A text or bytes

---@class (exact) evenkeel.net.NetResponse
---@field status integer The status
---@field ok boolean Whether it is below 400
---@field headers table<string, string> Headers, names in lower case
---@field body string The body as text
---@field json? any The body as data, where it says that it is JSON
---@field url string Where it came from in the end, without credentials

---@class (exact) evenkeel.net.get.options
---@field headers? table<string, string> Headers
---@field query? table<string, string|number|boolean> Parameters, added to those in the URL
---@field json? any The body, written as JSON
---@field token? string A bearer token. It is masked in logs from then on
---@field timeout? string|number For the whole exchange. Default 30s
---@field max_bytes? integer A larger answer is refused. Default 16 MiB
---@field redirects? integer How many are followed. Default 5
---@field allow_failure? boolean A status of 400 and above is a result. Default false

---@class (exact) evenkeel.net.post.options
---@field headers? table<string, string> Headers
---@field query? table<string, string|number|boolean> Parameters, added to those in the URL
---@field json? any The body, written as JSON
---@field token? string A bearer token. It is masked in logs from then on
---@field timeout? string|number For the whole exchange. Default 30s
---@field max_bytes? integer A larger answer is refused. Default 16 MiB
---@field redirects? integer How many are followed. Default 5
---@field allow_failure? boolean A status of 400 and above is a result. Default false

---@class (exact) evenkeel.net.put.options
---@field headers? table<string, string> Headers
---@field query? table<string, string|number|boolean> Parameters, added to those in the URL
---@field json? any The body, written as JSON
---@field token? string A bearer token. It is masked in logs from then on
---@field timeout? string|number For the whole exchange. Default 30s
---@field max_bytes? integer A larger answer is refused. Default 16 MiB
---@field redirects? integer How many are followed. Default 5
---@field allow_failure? boolean A status of 400 and above is a result. Default false

---@class (exact) evenkeel.net.delete.options
---@field headers? table<string, string> Headers
---@field query? table<string, string|number|boolean> Parameters, added to those in the URL
---@field json? any The body, written as JSON
---@field token? string A bearer token. It is masked in logs from then on
---@field timeout? string|number For the whole exchange. Default 30s
---@field max_bytes? integer A larger answer is refused. Default 16 MiB
---@field redirects? integer How many are followed. Default 5
---@field allow_failure? boolean A status of 400 and above is a result. Default false

---@class (exact) evenkeel.net.download.options
---@field headers? table<string, string> Headers
---@field query? table<string, string|number|boolean> Parameters, added to those in the URL
---@field token? string A bearer token. It is masked in logs from then on
---@field timeout? string|number For the whole exchange. Default 10m
---@field max_bytes? integer A larger file is refused. Default 512 MiB
---@field redirects? integer How many are followed. Default 5
---@field sha256? string What its hash must be; a file with another is not written

---@class (exact) evenkeel.net.Download
---@field bytes integer Its size
---@field sha256 string Its hash

---@class (exact) evenkeel.net.wait_for.options
---@field headers? table<string, string> Headers
---@field query? table<string, string|number|boolean> Parameters, added to those in the URL
---@field json? any The body, written as JSON
---@field token? string A bearer token. It is masked in logs from then on
---@field timeout? string|number For all of it. Default 5m
---@field max_bytes? integer A larger answer is refused. Default 16 MiB
---@field redirects? integer How many are followed. Default 5
---@field status? integer Default 200
---@field interval? string|number Between two tries. Default 1s

---HTTP requests with time limits and bounds. Credentials stay with the host that they are meant for and out of logs.
---@class evenkeel.net
local net = {}

---Sends a request. A status of 400 and above is an error unless `allow_failure`.
---@param method string GET, POST …
---@param url string http or https
---@param options? evenkeel.net.request.options Options
---@return evenkeel.net.NetResponse?
---@return string? reason Why not
---@return string? code The code of the error
function net.request(method, url, options) end

---GET.
---@param url string http or https
---@param options? evenkeel.net.get.options Options
---@return evenkeel.net.NetResponse?
---@return string? reason Why not
---@return string? code The code of the error
function net.get(url, options) end

---POST.
---@param url string http or https
---@param body? string A text or bytes
---@param options? evenkeel.net.post.options Options
---@return evenkeel.net.NetResponse?
---@return string? reason Why not
---@return string? code The code of the error
function net.post(url, body, options) end

---PUT.
---@param url string http or https
---@param body? string A text or bytes
---@param options? evenkeel.net.put.options Options
---@return evenkeel.net.NetResponse?
---@return string? reason Why not
---@return string? code The code of the error
function net.put(url, body, options) end

---DELETE.
---@param url string http or https
---@param options? evenkeel.net.delete.options Options
---@return evenkeel.net.NetResponse?
---@return string? reason Why not
---@return string? code The code of the error
function net.delete(url, options) end

---Fetches a file, wholly or not at all.
---@param url string http or https
---@param path string Where to, relative to the working directory
---@param options? evenkeel.net.download.options Options
---@return evenkeel.net.Download?
---@return string? reason Why not
---@return string? code The code of the error
function net.download(url, path, options) end

---Asks again and again until the answer has the status.
---@param url string http or https
---@param options? evenkeel.net.wait_for.options Options
---@return evenkeel.net.NetResponse?
---@return string? reason Why not
---@return string? code The code of the error
function net.wait_for(url, options) end

return net
