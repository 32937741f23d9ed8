export { type RemoteBasesOptions, remoteBases } from './remote-bases.js';
export { type Rendered, type RenderInput, renderPath } from './render.js';
