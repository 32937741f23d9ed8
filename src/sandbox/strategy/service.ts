import { alignAddresses, allocate, keepAllocated } from './service/allocation.js';
import { defaultService, dropForType } from './service/defaults.js';
import { validateService, validateServiceUpdate } from './service/validate.js';
import type { Loose, Strategy } from './types.js';

export const services: { [resource: string]: Strategy } = {
  'services.': {
    name: 'label1035',
    status: true,
    updateSteps: ['change of metadata', 'change', 'metadata', 'object'],
    defaults: defaultService,
    prepareCreate(object, { host }) {
      alignAddresses(object.spec, undefined);
      allocate(object, undefined, host);
    },
    prepareUpdate(next, old, { host, subresource }) {
      if (subresource !== '') return;
      keepAllocated(next.spec, old.spec);
      alignAddresses(next.spec, old.spec);
      dropForType(next.spec, old.spec);
      allocate(next, old.spec, host);
    },
    validate: (object, { subresource }) => (subresource === '' ? validateService(object) : []),
    validateUpdate: (next, old, { subresource }) => (subresource === '' ? validateServiceUpdate(next, old) : []),
    fields: {
      'spec.clusterIP': (o) => (o['spec'] as Loose)?.clusterIP ?? '',
      'spec.type': (o) => (o['spec'] as Loose)?.type ?? '',
    },
  },
};
