/** What `/version` tells: the Kubernetes version whose API is served, marked as ours. */
export function serverVersion(): { [key: string]: string } {
  return {
    major: '1',
    minor: '36',
    gitVersion: 'v1.36.0+evenkeel',
    gitCommit: 'unknown',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'none',
    compiler: 'none',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
