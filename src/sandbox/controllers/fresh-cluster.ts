import type { KubeObject } from '../../model/index.js';
import type { World } from './framework.js';
import { r } from './resources.js';
import { stamp } from './times.js';

const nodeName = 'sandbox';
const resources = { cpu: '64', memory: '256Gi', 'ephemeral-storage': '1Ti', 'hugepages-1Gi': '0', 'hugepages-2Mi': '0', pods: '20000' };

/** Gives a cluster that has no node yet the one that it runs on, and a default storage class. */
export function furnishCluster({ cache, host, now }: World): void {
  if (cache.list(r.nodes).length > 0) return;
  const node = host.create(r.nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': nodeName,
        'kubernetes.io/os': 'linux',
      },
    },
    spec: { podCIDR: '10.244.0.0/16', podCIDRs: ['10.244.0.0/16'], providerID: `evenkeel://${nodeName}` },
  });
  host.updateStatus(r.nodes, { ...node, status: nodeStatus(stamp(now())) }, { manager: 'kubelet' });
  if (cache.list(r.storageClasses).length === 0) host.create(r.storageClasses, storageClass);
}

function nodeStatus(time: string) {
  const well = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  });
  return {
    addresses: [
      { type: 'InternalIP', address: '172.18.0.2' },
      { type: 'Hostname', address: nodeName },
    ],
    capacity: resources,
    allocatable: resources,
    conditions: [
      well('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      well('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      well('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      well('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: nodeName,
      containerRuntimeVersion: 'sandbox://1',
      kernelVersion: 'simulated',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.36.0+evenkeel',
      machineID: nodeName,
      operatingSystem: 'linux',
      osImage: 'Evenkeel sandbox',
      systemUUID: nodeName,
    },
  };
}

const storageClass: KubeObject = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'sandbox.evenkeel.dev/volume',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
  allowVolumeExpansion: true,
};
