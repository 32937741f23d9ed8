export * from './decode.js';
export * from './kustomization.js';
export * from './loader.js';
export { isHttpUrl, parseRemote, type RemoteBase } from './remote-url.js';
export * as shapes from './shapes.js';
