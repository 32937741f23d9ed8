export * from './bind.js';
export { createModules, type Modules } from './create.js';
export type {
  FieldDescription,
  FunctionDescription,
  ModuleDescription,
  ParameterDescription,
  TypeDescription,
} from './describe/types.js';
export { moduleDescriptions } from './descriptions.js';
export type { LogEntry, LogLevel, ModuleHost, Prompt, SecretMasker } from './host.js';
export { invokeSnake } from './invoke.js';
export { createMetrics, type MetricSnapshot, type MetricsRegistry, prometheusText } from './metrics/registry.js';
export { createMasker } from './secrets.js';
