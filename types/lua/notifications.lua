---@meta notifications
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.notifications.webhook.options
---@field timeout? string|number For one try. Default 10s
---@field retries? integer Further tries after the first, where the other side is down or busy. Default 3
---@field method? "POST"|"PUT" Default POST
---@field headers? table<string, string> Further headers
---@field secret? string What it is signed with

---@class (exact) evenkeel.notifications.Delivered
---@field status integer The status of the answer
---@field attempts integer How many tries it took

---@class (exact) evenkeel.notifications.slack.options
---@field timeout? string|number For one try. Default 10s
---@field retries? integer Further tries after the first, where the other side is down or busy. Default 3
---@field title? string Its title
---@field level? "info"|"success"|"warning"|"error" The mark that it gets
---@field fields? table<string, string> Facts beside it, by name
---@field blocks? table<string, any>[] Block Kit in place of these

---Messages to people and other systems. Their URLs count as secrets.
---@class evenkeel.notifications
local notifications = {}

---Sends JSON to a URL. With a secret it is signed: `X-Evenkeel-Signature: sha256=…` is the HMAC of `timestamp.body`.
---@param url string The URL. It counts as a secret from then on
---@param payload any Data, sent as JSON; a text is sent as it is
---@param options? evenkeel.notifications.webhook.options Options
---@return evenkeel.notifications.Delivered?
---@return string? reason Why not
---@return string? code The code of the error
function notifications.webhook(url, payload, options) end

---Sends a message to an incoming webhook of Slack.
---@param url string The URL. It counts as a secret from then on
---@param message string The message
---@param options? evenkeel.notifications.slack.options Options
---@return evenkeel.notifications.Delivered?
---@return string? reason Why not
---@return string? code The code of the error
function notifications.slack(url, message, options) end

return notifications
