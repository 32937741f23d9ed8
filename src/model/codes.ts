import { cliCodes } from './codes/cli.js';
import { compareCodes } from './codes/compare.js';
import { gatesCodes } from './codes/gates.js';
import { generalCodes } from './codes/general.js';
import { gitopsCodes } from './codes/gitops.js';
import { healthCodes } from './codes/health.js';
import { historyCodes } from './codes/history.js';
import { kubeCodes } from './codes/kube.js';
import { kustomizeCodes } from './codes/kustomize.js';
import { luaCodes } from './codes/lua.js';
import { manifestCodes } from './codes/manifest.js';
import { modulesCodes } from './codes/modules.js';
import { renderCodes } from './codes/render.js';
import { sandboxCodes } from './codes/sandbox.js';
import { sourceCodes } from './codes/source.js';
import { storeCodes } from './codes/store.js';
import { syncCodes } from './codes/sync.js';
import { tasksCodes } from './codes/tasks.js';
import { testingCodes } from './codes/testing.js';

/** The error registry: every code, a file a room. A code is never renamed or reused. */
export const codes = {
  ...generalCodes,
  ...manifestCodes,
  ...kubeCodes,
  ...sourceCodes,
  ...kustomizeCodes,
  ...renderCodes,
  ...healthCodes,
  ...compareCodes,
  ...storeCodes,
  ...historyCodes,
  ...syncCodes,
  ...gatesCodes,
  ...tasksCodes,
  ...gitopsCodes,
  ...modulesCodes,
  ...luaCodes,
  ...sandboxCodes,
  ...testingCodes,
  ...cliCodes,
};
