export { type Rendered, type RenderInput, renderPath } from './render.js';
