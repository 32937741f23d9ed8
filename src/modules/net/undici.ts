// What is used of the package by name, so that a bundle holds it as a piece that is read when it is needed.
export { Agent, EnvHttpProxyAgent, request } from 'undici';
