import { describe, expect, it } from 'vitest';
import { githubFile, parseRemote } from './remote-url.js';

describe('parseRemote', () => {
  it.each([
    ['https://github.com/org/repo//path/to?ref=v1', 'https://github.com/org/repo', 'path/to', 'v1'],
    ['github.com/org/repo/path', 'https://github.com/org/repo', 'path', ''],
    ['github.com/org/repo?version=v2', 'https://github.com/org/repo', '', 'v2'],
    ['git::https://git.example/org/repo.git//x?ref=main', 'https://git.example/org/repo.git', 'x', 'main'],
    ['git@github.com:org/repo.git/path?ref=a', 'git@github.com:org/repo.git', 'path', 'a'],
    ['ssh://git@github.com/org/repo//p', 'git@github.com:org/repo', 'p', ''],
    ['ssh://git@git.example:2222/team/repo.git//p', 'ssh://git@git.example:2222/team/repo.git', 'p', ''],
    ['user@git.example:team/repo//p', 'user@git.example:team/repo', 'p', ''],
    ['https://dev.azure.com/org/project/_git/repo/path', 'https://dev.azure.com/org/project/_git/repo', 'path', ''],
    ['http://127.0.0.1:3000/org/repo/a/b?ref=x&timeout=90s', 'http://127.0.0.1:3000/org/repo', 'a/b', 'x'],
    ['file:///srv/git/repo.git//p', 'file:///srv/git/repo.git', 'p', ''],
    ['https://GitHub.com/org/repo', 'https://github.com/org/repo', '', ''],
  ])('%s', (text, repository, path, ref) => {
    expect(parseRemote(text)).toEqual({ repository, path, ref });
  });

  it.each([
    '../base',
    'base',
    './a//b',
    '/srv/x',
    'a.yaml',
    'https://host/one',
    'https://github.com/org/repo//../../x',
    'ftp://x/y/z',
    'base@v1/x',
  ])('%s is no repository', (text) => {
    expect(parseRemote(text)).toBeUndefined();
  });
});

describe('githubFile', () => {
  it('reads a file as repository, revision and path, and nothing else', () => {
    expect(githubFile('https://raw.githubusercontent.com/o/r/v1/a/b.yaml')).toEqual({
      repository: 'https://github.com/o/r',
      ref: 'v1',
      path: 'a/b.yaml',
    });
    expect(githubFile('https://github.com/o/r/blob/main/a.json')).toMatchObject({ ref: 'main', path: 'a.json' });
    expect(githubFile('https://raw.githubusercontent.com/o/r/v1/../x.yaml')).toBeUndefined();
    expect(githubFile('https://example.com/a.yaml')).toBeUndefined();
  });
});
