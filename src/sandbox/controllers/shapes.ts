import type { KubeObject, ObjectMeta } from '../../model/index.js';

/** Parts of objects as far as the controllers read them. Everything else is carried along untouched. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string | null;
  lastUpdateTime?: string;
  lastProbeTime?: string | null;
  observedGeneration?: number;
  [field: string]: unknown;
}

export interface SelectorTerm {
  key: string;
  operator: string;
  values?: string[];
}

export interface LabelSelectorSpec {
  matchLabels?: { [key: string]: string };
  matchExpressions?: SelectorTerm[];
}

export interface ContainerSpec {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  env?: { name: string; valueFrom?: { configMapKeyRef?: KeyRef; secretKeyRef?: KeyRef } }[];
  envFrom?: { configMapRef?: ObjectRef; secretRef?: ObjectRef }[];
  ports?: { name?: string; containerPort: number; protocol?: string }[];
  imagePullPolicy?: string;
  readinessProbe?: {
    initialDelaySeconds?: number;
    httpGet?: object;
    tcpSocket?: { port?: number | string };
    grpc?: { port?: number };
  };
  resources?: { requests?: { [resource: string]: string | number }; limits?: { [resource: string]: string | number } };
  restartPolicy?: string;
}

interface ObjectRef {
  name?: string;
  optional?: boolean;
}

export interface KeyRef extends ObjectRef {
  key: string;
}

interface VolumeSpec {
  name: string;
  configMap?: ObjectRef & { items?: { key: string }[] };
  secret?: { secretName?: string; optional?: boolean; items?: { key: string }[] };
  projected?: { sources?: { configMap?: ObjectRef; secret?: ObjectRef }[] };
  persistentVolumeClaim?: { claimName: string };
  ephemeral?: { volumeClaimTemplate?: { metadata?: ObjectMeta; spec?: { [field: string]: unknown } } };
}

interface PodSpec {
  containers: ContainerSpec[];
  initContainers?: ContainerSpec[];
  volumes?: VolumeSpec[];
  nodeName?: string;
  nodeSelector?: { [key: string]: string };
  affinity?: {
    nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: NodeSelectorTerm[] } };
    [field: string]: unknown;
  };
  tolerations?: Toleration[];
  restartPolicy?: string;
  schedulerName?: string;
  schedulingGates?: { name: string }[];
  serviceAccountName?: string;
  priorityClassName?: string;
  activeDeadlineSeconds?: number;
  terminationGracePeriodSeconds?: number;
  readinessGates?: { conditionType: string }[];
  hostNetwork?: boolean;
  hostname?: string;
  subdomain?: string;
  [field: string]: unknown;
}

interface NodeSelectorTerm {
  matchExpressions?: SelectorTerm[];
  matchFields?: SelectorTerm[];
}

export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}

export interface PodTemplate {
  metadata?: ObjectMeta;
  spec: PodSpec;
}

interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: { exitCode: number; reason: string; startedAt: string; finishedAt: string; containerID?: string; message?: string };
}

export interface ContainerStatus {
  name: string;
  state?: ContainerState;
  lastState?: ContainerState;
  ready: boolean;
  restartCount: number;
  image: string;
  imageID: string;
  containerID?: string;
  started?: boolean;
}

export interface PodStatus {
  phase?: string;
  conditions?: Condition[];
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
  startTime?: string;
  podIP?: string;
  podIPs?: { ip: string }[];
  hostIP?: string;
  hostIPs?: { ip: string }[];
  reason?: string;
  message?: string;
  qosClass?: string;
}

export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: PodStatus;
}

export interface Node extends KubeObject {
  spec?: { unschedulable?: boolean; taints?: { key: string; value?: string; effect: string }[] };
  status?: { addresses?: { type: string; address: string }[]; allocatable?: { [resource: string]: string }; conditions?: Condition[] };
}

/** A kind that keeps a number of pods: the spec and status that such kinds share. */
export interface Workload extends KubeObject {
  spec: {
    replicas?: number;
    selector?: LabelSelectorSpec;
    template: PodTemplate;
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    [field: string]: unknown;
  };
  status?: WorkloadStatus;
}

export interface WorkloadStatus {
  observedGeneration?: number;
  replicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  conditions?: Condition[];
  [field: string]: unknown;
}
