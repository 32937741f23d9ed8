---@meta metrics
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.metrics.counter.options
---@field labels? table<string, string> Names and values; every set of them is counted apart
---@field help? string What the metric means, for who reads it

---@class (exact) evenkeel.metrics.gauge.options
---@field labels? table<string, string> Names and values; every set of them is counted apart
---@field help? string What the metric means, for who reads it

---@class (exact) evenkeel.metrics.histogram.options
---@field labels? table<string, string> Names and values; every set of them is counted apart
---@field help? string What the metric means, for who reads it
---@field buckets? number[] Upper bounds, rising. Default: from 5 ms to 15 min, in seconds

---@class (exact) evenkeel.metrics.time.options
---@field labels? table<string, string> Names and values; every set of them is counted apart
---@field help? string What the metric means, for who reads it
---@field buckets? number[] Upper bounds, rising. Default: from 5 ms to 15 min, in seconds

---@class (exact) evenkeel.metrics.start_timer.options
---@field labels? table<string, string> Names and values; every set of them is counted apart
---@field help? string What the metric means, for who reads it
---@field buckets? number[] Upper bounds, rising. Default: from 5 ms to 15 min, in seconds

---@class (exact) evenkeel.metrics.MetricBucket
---@field le number Upper bound
---@field count number Values not above it

---@class (exact) evenkeel.metrics.MetricSeries
---@field labels table<string, string> Labels
---@field value? number Of counters and gauges
---@field count? number Of histograms: how many values
---@field sum? number Of histograms: their sum
---@field buckets? evenkeel.metrics.MetricBucket[] Of histograms

---@class (exact) evenkeel.metrics.Metric
---@field name string Name
---@field kind "counter"|"gauge"|"histogram" Kind
---@field help string What it means
---@field series evenkeel.metrics.MetricSeries[] One for each set of labels

---Counters, gauges, histograms and timers of a run. They are kept with it and can be read as Prometheus text.
---@class evenkeel.metrics
local metrics = {}

---Adds to a counter.
---@param name string Name of the metric: letters, digits, "_" and ":"
---@param by? number How much. Default 1
---@param options? evenkeel.metrics.counter.options Options
function metrics.counter(name, by, options) end

---Sets a gauge.
---@param name string Name of the metric: letters, digits, "_" and ":"
---@param value number The value from now on
---@param options? evenkeel.metrics.gauge.options Options
function metrics.gauge(name, value, options) end

---Observes a value in a histogram.
---@param name string Name of the metric: letters, digits, "_" and ":"
---@param value number The value
---@param options? evenkeel.metrics.histogram.options Options
function metrics.histogram(name, value, options) end

---Runs a function and observes its seconds in a histogram, whether it fails or not.
---@param name string Name of the metric: letters, digits, "_" and ":"
---@param action function What is timed
---@param options? evenkeel.metrics.time.options Options
---@return any? # What the function returned
---@return string? reason Why not
---@return string? code The code of the error
function metrics.time(name, action, options) end

---Starts a timer.
---@param name string Name of the metric: letters, digits, "_" and ":"
---@param options? evenkeel.metrics.start_timer.options Options
---@return string # What stopTimer takes
---@return string? reason Why not
---@return string? code The code of the error
function metrics.start_timer(name, options) end

---Stops a timer and observes its seconds in a histogram.
---@param timer string What startTimer returned
---@return number # Seconds
---@return string? reason Why not
---@return string? code The code of the error
function metrics.stop_timer(timer) end

---All that was counted, as data.
---@return evenkeel.metrics.Metric[]
---@return string? reason Why not
---@return string? code The code of the error
function metrics.snapshot() end

---All that was counted, in the text format of Prometheus.
---@return string
---@return string? reason Why not
---@return string? code The code of the error
function metrics.prometheus() end

return metrics
