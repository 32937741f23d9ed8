/** A kubeconfig for one server and one token. */
export function kubeconfigText(options: { url: string; ca: string; token: string }): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: evenkeel-sandbox
  cluster:
    server: ${options.url}
    certificate-authority-data: ${Buffer.from(options.ca).toString('base64')}
users:
- name: evenkeel-sandbox
  user:
    token: ${JSON.stringify(options.token)}
contexts:
- name: evenkeel-sandbox
  context:
    cluster: evenkeel-sandbox
    user: evenkeel-sandbox
current-context: evenkeel-sandbox
preferences: {}
`;
}
