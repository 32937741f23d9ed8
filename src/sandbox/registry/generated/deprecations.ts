// Written by scripts/generate-deprecations.mjs.
/** What clients are told of deprecated kinds, by group, version and kind. */
export const deprecations: { [kind: string]: string } = {
  "/v1/ComponentStatus": "v1 ComponentStatus is deprecated in v1.19+",
  "/v1/Endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  "admissionregistration.k8s.io/v1alpha1/MutatingAdmissionPolicy": "admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicy is deprecated in v1.35+, unavailable in v1.38+",
  "admissionregistration.k8s.io/v1alpha1/MutatingAdmissionPolicyBinding": "admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicyBinding is deprecated in v1.35+, unavailable in v1.38+",
  "certificates.k8s.io/v1alpha1/ClusterTrustBundle": "certificates.k8s.io/v1alpha1 ClusterTrustBundle is deprecated in v1.34+, unavailable in v1.37+",
  "coordination.k8s.io/v1alpha2/LeaseCandidate": "coordination.k8s.io/v1alpha2 LeaseCandidate is deprecated in v1.35+, unavailable in v1.38+",
  "coordination.k8s.io/v1beta1/LeaseCandidate": "coordination.k8s.io/v1beta1 LeaseCandidate is deprecated in v1.36+, unavailable in v1.39+",
  "networking.k8s.io/v1beta1/IPAddress": "networking.k8s.io/v1beta1 IPAddress is deprecated in v1.34+, unavailable in v1.37+",
  "networking.k8s.io/v1beta1/ServiceCIDR": "networking.k8s.io/v1beta1 ServiceCIDR is deprecated in v1.34+, unavailable in v1.37+",
  "resource.k8s.io/v1alpha3/DeviceTaintRule": "resource.k8s.io/v1alpha3 DeviceTaintRule is deprecated in v1.36+, unavailable in v1.39+",
  "resource.k8s.io/v1beta1/DeviceClass": "resource.k8s.io/v1beta1 DeviceClass is deprecated in v1.35+, unavailable in v1.38+",
  "resource.k8s.io/v1beta1/ResourceClaim": "resource.k8s.io/v1beta1 ResourceClaim is deprecated in v1.35+, unavailable in v1.38+",
  "resource.k8s.io/v1beta1/ResourceClaimTemplate": "resource.k8s.io/v1beta1 ResourceClaimTemplate is deprecated in v1.35+, unavailable in v1.38+",
  "resource.k8s.io/v1beta1/ResourceSlice": "resource.k8s.io/v1beta1 ResourceSlice is deprecated in v1.35+, unavailable in v1.38+",
  "resource.k8s.io/v1beta2/DeviceClass": "resource.k8s.io/v1beta2 DeviceClass is deprecated in v1.36+, unavailable in v1.39+",
  "resource.k8s.io/v1beta2/ResourceClaim": "resource.k8s.io/v1beta2 ResourceClaim is deprecated in v1.36+, unavailable in v1.39+",
  "resource.k8s.io/v1beta2/ResourceClaimTemplate": "resource.k8s.io/v1beta2 ResourceClaimTemplate is deprecated in v1.36+, unavailable in v1.39+",
  "resource.k8s.io/v1beta2/ResourceSlice": "resource.k8s.io/v1beta2 ResourceSlice is deprecated in v1.36+, unavailable in v1.39+",
  "storage.k8s.io/v1beta1/VolumeAttributesClass": "storage.k8s.io/v1beta1 VolumeAttributesClass is deprecated in v1.34+, unavailable in v1.37+; use storage.k8s.io/v1 VolumeAttributesClass",
};
