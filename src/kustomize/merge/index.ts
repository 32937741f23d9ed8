export { type MergeOptions, merge } from './merge.js';
