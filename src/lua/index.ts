export { luaAnnotations } from './annotations.js';
export { luaLoader } from './loader.js';
