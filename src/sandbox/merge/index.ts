export { type ApplyOptions, type MergeResult, serverSideApply } from './apply.js';
export { ApplyConflict, ApplyError, type Conflict, type ConflictCause } from './errors.js';
export { jsonMergePatch } from './json-merge-patch.js';
export { jsonPatch } from './json-patch.js';
export { PatchError } from './patch-error.js';
export { parentManagedFields, type ScaleOptions, scaleManagedFields } from './scale.js';
export { strategicMergePatch } from './strategic.js';
export { ignoreTimesOnly, type TrackOptions, trackUpdate } from './track.js';
export type { ConvertVersion } from './versions.js';
