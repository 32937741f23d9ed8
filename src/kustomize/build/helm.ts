import type { EvenkeelError, Where } from '../../model/index.js';
import { failure } from '../errors.js';

export function helmCharts(where: Where): EvenkeelError {
  return failure('KUSTOMIZE_UNSUPPORTED', 'helmCharts are not rendered in this version', {
    ...where,
    hint: 'Render the chart with "helm template" into a file and list that file under resources.',
  });
}
