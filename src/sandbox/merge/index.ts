export { type ApplyOptions, type MergeResult, serverSideApply } from './apply.js';
export { ApplyConflict, ApplyError, type Conflict, type ConflictCause, describeManager } from './errors.js';
export { ignoreTimesOnly, type TrackOptions, trackUpdate } from './track.js';
export type { ConvertVersion } from './versions.js';
