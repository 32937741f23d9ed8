#!/usr/bin/env node
// Writes src/sandbox/registry/generated/deprecations.ts: which kinds the published API modules call deprecated, since when,
// until when they are served and what is to be used instead.
//   node scripts/generate-deprecations.mjs API_REPO
// It is a git directory, read at Kubernetes 1.36.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const [api] = process.argv.slice(2);
const tag = 'v0.36.0';
const served = 36;
const git = (...args) => execFileSync('git', ['--git-dir', api, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });

/** The group of a package: as its register.go says. */
const groupOf = (pkg) => /GroupName = "([^"]*)"/.exec(git('show', `${tag}:${pkg}/register.go`))?.[1] ?? '';

const lines = [];
for (const file of git('ls-tree', '-r', '--name-only', tag).split('\n')) {
  const match = /^([a-z]+\/(v[0-9a-z]+))\/(?:zz_generated\.prerelease-lifecycle|lifecycle)\.go$/.exec(file);
  if (!match) continue;
  const [, pkg, version] = match;
  const text = git('show', `${tag}:${file}`);
  const answers = (method, pattern) =>
    new Map(
      [...text.matchAll(new RegExp(`func \\(in \\*(\\w+)\\) APILifecycle${method}\\(\\)[^{]*\\{\\s*return ${pattern}`, 'g'))].map(
        ([, kind, ...rest]) => [kind, rest],
      ),
    );
  const removed = answers('Removed', '1, (\\d+)');
  const replaced = answers('Replacement', 'schema\\.GroupVersionKind\\{Group: "([^"]*)", Version: "([^"]*)", Kind: "([^"]*)"\\}');
  for (const [kind, [since]] of answers('Deprecated', '1, (\\d+)')) {
    if (kind.endsWith('List') || Number(since) > served) continue;
    const until = removed.get(kind)?.[0];
    if (until !== undefined && Number(until) <= served) continue;
    const group = groupOf(pkg);
    const gv = (g, v) => (g === '' ? v : `${g}/${v}`);
    const instead = replaced.get(kind);
    const text = `${gv(group, version)} ${kind} is deprecated in v1.${since}+${until === undefined ? '' : `, unavailable in v1.${until}+`}${
      instead === undefined ? '' : `; use ${gv(instead[0], instead[1])} ${instead[2]}`
    }`;
    lines.push(`  ${JSON.stringify(`${group}/${version}/${kind}`)}: ${JSON.stringify(text)},\n`);
  }
}
writeFileSync(
  new URL('../src/sandbox/registry/generated/deprecations.ts', import.meta.url),
  `// Written by scripts/generate-deprecations.mjs.\n/** What clients are told of deprecated kinds, by group, version and kind. */\nexport const deprecations: { [kind: string]: string } = {\n${lines.sort().join('')}};\n`,
);
