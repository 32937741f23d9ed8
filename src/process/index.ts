export { onExit } from './on-exit.js';
export { killGroup, type RunOptions, type RunResult, runProcess } from './run.js';
