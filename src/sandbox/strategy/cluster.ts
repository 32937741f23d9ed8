import { isIP } from 'node:net';
import { equalJson } from '../../model/index.js';
import { all, each, label, nonNegative, oneOf, portNumber, qualifiedName, subdomain } from './check.js';
import { duplicate, type FieldErrors, forbiddenField, goStruct, invalid, notSupported, required, tooLong, tooMany } from './field.js';
import { nameProblems } from './names.js';
import { validateSelector } from './selector.js';
import type { Loose, Strategy } from './types.js';
import { countOrPercent, overHundred } from './workloads.js';

const disruptionBudget: Strategy = {
  status: true,
  generation: true,
  updateSteps: ['metadata', 'object'],
  validate({ spec }, { subresource }) {
    if (subresource !== '') return [];
    const out: FieldErrors = [];
    if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined)
      out.push(invalid('spec', goStruct('policy.PodDisruptionBudgetSpec', spec), 'minAvailable and maxUnavailable cannot be both set'));
    for (const field of ['minAvailable', 'maxUnavailable'])
      out.push(...countOrPercent(spec[field], `spec.${field}`), ...overHundred(spec[field], `spec.${field}`));
    if (spec.selector) out.push(...validateSelector(spec.selector, 'spec.selector'));
    return out;
  },
};

const fixed = (field: string) => (next: Loose, old: Loose) =>
  equalJson(next[field], old[field]) ? [] : [invalid(field, next[field], 'field is immutable')];

const mostParameters = 512;
const mostParameterBytes = 256 * 1024;

const storageClass: Strategy = {
  updateSteps: ['metadata', 'object', 'change of metadata', 'change'],
  defaults(object) {
    object.reclaimPolicy ??= 'Delete';
    object.volumeBindingMode ??= 'Immediate';
  },
  validate(object) {
    const { provisioner } = object;
    const out: FieldErrors = provisioner
      ? qualifiedName(provisioner.toLowerCase(), 'provisioner').map((e) => ({
          ...e,
          message: e.message.replace(JSON.stringify(provisioner.toLowerCase()), JSON.stringify(provisioner)),
        }))
      : [required('provisioner')];
    const parameters = Object.entries(object.parameters ?? {}) as [string, string][];
    if (parameters.length > mostParameters) out.push(tooLong('parameters', mostParameters));
    else {
      for (const [key] of parameters) if (key === '') out.push(invalid('parameters', key, 'field can not be empty.'));
      const bytes = parameters.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
      if (bytes > mostParameterBytes) out.push(tooLong('parameters', mostParameterBytes));
    }
    if (object.reclaimPolicy && !['Delete', 'Retain'].includes(object.reclaimPolicy))
      out.push(notSupported('reclaimPolicy', object.reclaimPolicy, ['Delete', 'Retain']));
    if (!['Immediate', 'WaitForFirstConsumer'].includes(object.volumeBindingMode))
      out.push(notSupported('volumeBindingMode', object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']));
    return out;
  },
  validateUpdate(next, old) {
    const out: FieldErrors = [];
    for (const field of ['parameters', 'provisioner', 'reclaimPolicy'])
      if (!equalJson(next[field], old[field])) out.push(forbiddenField(field, `updates to ${field} are forbidden.`));
    return [...out, ...fixed('volumeBindingMode')(next, old)];
  },
};

const systemPrefix = 'system-';
const system: { [name: string]: number } = { 'system-cluster-critical': 2000000000, 'system-node-critical': 2000001000 };

/** Why a class of a system's name is not the system's. */
function foreignSystemClass(object: Loose): string | undefined {
  const name: string = object.metadata.name;
  const value = Object.hasOwn(system, name) ? system[name] : undefined;
  if (value === undefined) return `${name} is not a known system priority class`;
  if (object.value !== value) return `value of ${name} PriorityClass must be ${value}`;
  return object.globalDefault === true ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

const priorityClass: Strategy = {
  defaults(object) {
    object.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  prepareCreate({ metadata }) {
    metadata.generation = 1;
  },
  validate(object) {
    const out: FieldErrors = [];
    if (object.metadata.name?.startsWith(systemPrefix)) {
      const why = foreignSystemClass(object);
      if (why !== undefined)
        out.push(
          forbiddenField(
            'metadata.name',
            `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${why}`,
          ),
        );
    } else if (object.value > 1_000_000_000)
      out.push(forbiddenField('value', 'maximum allowed value of a user defined priority is 1000000000'));
    return [...out, ...oneOf(object.preemptionPolicy, 'preemptionPolicy', ['PreemptLowerPriority', 'Never'])];
  },
  updateSteps: ['change of metadata', 'change'],
  validateUpdate: (next, old) => [
    ...(next.value === old.value ? [] : [forbiddenField('Value', 'may not be changed in an update.')]),
    ...fixed('preemptionPolicy')(next, old),
  ],
};

const csiDriver: Strategy = {
  generation: true,
  defaults({ spec }) {
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
  },
};

const lease: Strategy = {
  updateSteps: ['change of metadata', 'object'],
  validate({ spec }) {
    const seconds = spec?.leaseDurationSeconds;
    return [
      ...(seconds !== undefined && seconds <= 0 ? [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')] : []),
      ...nonNegative(spec?.leaseTransitions, 'spec.leaseTransitions'),
    ];
  },
};

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];

function sliceAddress(type: string, address: string, at: string): FieldErrors {
  if (type === 'FQDN') return subdomain(address, at);
  const version = type === 'IPv4' ? 4 : 6;
  return isIP(address) === version ? [] : [invalid(at, address, `must be a valid ${type} address`)];
}

const endpointSlice: Strategy = {
  generation: true,
  defaults(object) {
    for (const port of object.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  updateSteps: ['metadata', 'object', 'change'],
  validate(object) {
    const out: FieldErrors = [];
    const type: string = object.addressType ?? '';
    if (type === '') out.push(required('addressType'));
    else if (!addressTypes.includes(type)) out.push(notSupported('addressType', type, addressTypes));
    const endpoints: Loose[] = object.endpoints ?? [];
    if (endpoints.length > 1000) return [...out, tooMany('endpoints', endpoints.length, 1000)];
    out.push(
      ...each(endpoints, 'endpoints', (endpoint, at) => {
        const addresses: string[] = endpoint.addresses ?? [];
        if (addresses.length === 0) return [required(`${at}.addresses`, 'must contain at least 1 address')];
        if (addresses.length > 100) return [tooMany(`${at}.addresses`, addresses.length, 100)];
        const problems = addressTypes.includes(type) ? addresses.flatMap((a, i) => sliceAddress(type, a, `${at}.addresses[${i}]`)) : [];
        if (endpoint.hostname !== undefined) problems.push(...label(endpoint.hostname, `${at}.hostname`));
        if (endpoint.nodeName !== undefined) problems.push(...subdomain(endpoint.nodeName, `${at}.nodeName`));
        return problems;
      }),
    );
    const names = new Set<string>();
    out.push(
      ...each(object.ports, 'ports', (port, at) => {
        const problems: FieldErrors = [];
        const name: string = port.name ?? '';
        if (name !== '') problems.push(...label(name, `${at}.name`));
        if (names.has(name)) problems.push(duplicate(`${at}.name`, name));
        names.add(name);
        if (port.protocol) problems.push(...oneOf(port.protocol, `${at}.protocol`, ['SCTP', 'TCP', 'UDP']));
        else problems.push(required(`${at}.protocol`));
        if (port.appProtocol !== undefined) problems.push(...qualifiedName(port.appProtocol, `${at}.appProtocol`));
        return problems;
      }),
    );
    return out;
  },
  validateUpdate: fixed('addressType'),
};

const apiService: Strategy = {
  name: 'path',
  status: true,
  defaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443;
  },
  updateSteps: ['change of metadata', 'metadata', 'object'],
  validate({ metadata, spec }) {
    const out: FieldErrors = [];
    const wanted = `${spec.version ?? ''}.${spec.group ?? ''}`;
    if (metadata.name && metadata.name !== wanted)
      out.push(invalid('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`));
    if (spec.group) out.push(...subdomain(spec.group, 'spec.group'));
    if (!spec.version) out.push(required('spec.version'));
    else out.push(...all('spec.version', spec.version, nameProblems('label1035', spec.version)));
    if (!(spec.groupPriorityMinimum > 0) || spec.groupPriorityMinimum > 20000)
      out.push(invalid('spec.groupPriorityMinimum', spec.groupPriorityMinimum ?? 0, 'must be positive and less than 20000'));
    if (!(spec.versionPriority > 0) || spec.versionPriority > 1000)
      out.push(invalid('spec.versionPriority', spec.versionPriority ?? 0, 'must be positive and less than 1000'));
    if (!spec.service) {
      if (spec.caBundle) {
        const bytes = Buffer.byteLength(spec.caBundle, 'base64');
        out.push(invalid('spec.caBundle', `${bytes} bytes`, 'local APIServices may not have a caBundle'));
      }
      if (spec.insecureSkipTLSVerify)
        out.push(invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'));
      return out;
    }
    for (const field of ['namespace', 'name']) if (!spec.service[field]) out.push(required(`spec.service.${field}`));
    out.push(
      ...portNumber(spec.service.port, 'spec.service.port').map((e) => ({
        ...e,
        message: e.message.replace('must be', 'port is not valid: must be'),
      })),
    );
    if (spec.insecureSkipTLSVerify && spec.caBundle)
      out.push(invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
    return out;
  },
};

export const cluster: { [resource: string]: Strategy } = {
  'poddisruptionbudgets.policy': disruptionBudget,
  'storageclasses.storage.k8s.io': storageClass,
  'csidrivers.storage.k8s.io': csiDriver,
  'priorityclasses.scheduling.k8s.io': priorityClass,
  'leases.coordination.k8s.io': lease,
  'runtimeclasses.node.k8s.io': {
    updateSteps: ['change of metadata', 'change'],
    validate: ({ handler }) => label(handler ?? '', 'handler'),
    validateUpdate: fixed('handler'),
  },
  'endpointslices.discovery.k8s.io': endpointSlice,
  'certificatesigningrequests.certificates.k8s.io': {
    status: true,
    defaults({ spec }) {
      spec.usages ??= ['digital signature', 'key encipherment'];
    },
    fields: { 'spec.signerName': (o) => (o['spec'] as Loose)?.signerName ?? '' },
  },
  'flowschemas.flowcontrol.apiserver.k8s.io': {
    status: true,
    generation: true,
    defaults({ spec }) {
      spec.matchingPrecedence ||= 1000;
    },
  },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': { status: true, generation: true },
  'apiservices.apiregistration.k8s.io': apiService,
  'volumeattachments.storage.k8s.io': { status: true },
  'resourceclaims.resource.k8s.io': { status: true },
};
