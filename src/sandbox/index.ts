export { createSandbox } from './sandbox.js';
export { serveSandbox } from './serve/serve.js';
export type { InterceptContext, RequestFacts, Sandbox, SandboxOptions, SandboxServer, ServeOptions } from './types.js';
