import { failure } from '../errors.js';
import { newResource, type Resource } from '../resource/index.js';
import { fromJson } from '../yaml/index.js';

export interface IamPolicyArgs {
  cloud?: string;
  kubernetesService?: { name?: string; namespace?: string };
  serviceAccount?: { name?: string; projectId?: string };
}

/** The built-in IAMPolicyGenerator: a ServiceAccount that stands for one of Google's. */
export function generateIamPolicy({ cloud = '', kubernetesService, serviceAccount }: IamPolicyArgs, file: string): Resource {
  if (cloud !== 'gke')
    throw failure('KUSTOMIZE_INVALID', `cloud provider ${cloud} not supported yet`, { field: 'cloud', hint: 'The one there is: gke.' });
  const namespace = kubernetesService?.namespace ?? '';
  return newResource(
    fromJson({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        annotations: {
          'iam.gke.io/gcp-service-account': `${serviceAccount?.name ?? ''}@${serviceAccount?.projectId ?? ''}.iam.gserviceaccount.com`,
        },
        name: kubernetesService?.name ?? '',
        ...(namespace === '' ? {} : { namespace }),
      },
    }),
    { file },
  );
}
