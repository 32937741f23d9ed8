import { repositoryOptions } from '../../gitops/index.js';
import {
  boolean,
  choice,
  duration,
  type FieldDescription,
  integer,
  list,
  type ModuleDescription,
  nothing,
  object,
  optional,
  options,
  parameter,
  required,
  text,
  time,
} from '../describe/types.js';
import { describeSchema } from '../gitops/schema.js';
import type { GitModule } from './module.js';

const ofRepository = describeSchema(repositoryOptions) as { fields: { [name: string]: FieldDescription } };
const credentials = optional(
  (ofRepository.fields['credentials'] as FieldDescription).type,
  'As for registerRepository. They are masked in logs',
);
const ref = {
  branch: optional(text, 'A branch. Default: that of the remote'),
  tag: optional(text, 'A tag'),
  commit: optional(text, 'A commit'),
};
const remote = { ...ref, credentials };
const url = parameter('url', text, '`https://…`, `git@host:path`, `owner/name` for GitHub, or a local path');
const directory = optional(text, 'The working tree. Default: the working directory');
const timeout = optional(duration, 'Default 10m');
const commit = object('Commit', {
  revision: required(text, 'Its hash'),
  author: required(text, '`Name <address>`'),
  at: required(time, 'When it was written'),
  subject: required(text, 'The first line of its message'),
});
const source = ['SOURCE_URL_INVALID', 'SOURCE_AUTH', 'SOURCE_UNREACHABLE', 'SOURCE_NOT_FOUND', 'SOURCE_BRANCH_MISSING', 'CANCELLED'];
const tree = ['SOURCE_NOT_FOUND', 'SOURCE_GIT_FAILED', 'FILE_OUTSIDE', 'CANCELLED'];

export const gitDescription: ModuleDescription<GitModule> = {
  summary: 'Repositories: remote ones without a checkout, and working trees inside the working directory. Hooks and submodules are off.',
  functions: {
    resolve: {
      summary: 'Asks a remote which commit a branch or tag is.',
      parameters: [url, options(remote)],
      returns: { type: object('Resolved', { revision: required(text, 'The commit'), ref: required(text, 'Like `refs/heads/main`') }) },
      async: true,
      throws: source,
    },
    commitInfo: {
      summary: 'What is known of a commit of a remote.',
      parameters: [url, options(remote)],
      returns: { type: commit },
      async: true,
      throws: source,
    },
    readFile: {
      summary: 'Reads a file of a remote, without a checkout.',
      parameters: [
        url,
        parameter('path', text, 'From the root of the repository'),
        options({ ...remote, maxBytes: optional(integer, 'A larger file is refused. Default 16 MiB') }),
      ],
      returns: { type: text },
      async: true,
      throws: [...source, 'FILE_NOT_FOUND', 'FILE_TOO_LARGE'],
    },
    listFiles: {
      summary: 'Lists the files of a remote, without a checkout.',
      parameters: [
        url,
        options({
          ...remote,
          path: optional(text, 'A folder. Default: all of it'),
          match: optional(text, 'A pattern for the path from that folder, as for fs.list'),
        }),
      ],
      returns: { type: list(text), summary: 'Paths from that folder, in order' },
      async: true,
      throws: source,
    },
    clone: {
      summary: 'Makes a working tree.',
      parameters: [
        url,
        parameter('directory', text, 'Where to: a folder that is not there or empty'),
        options({
          branch: optional(text, 'A branch. Default: that of the remote'),
          tag: optional(text, 'A tag'),
          depth: optional(integer, 'Only the last so many commits'),
          credentials,
          timeout,
        }),
      ],
      returns: { type: object('Cloned', { path: required(text, 'Where it is'), revision: required(text, 'What is checked out') }) },
      async: true,
      throws: [...source, 'FILE_EXISTS', 'FILE_OUTSIDE'],
    },
    status: {
      summary: 'What differs in a working tree from its last commit.',
      parameters: [options({ directory })],
      returns: {
        type: object('TreeStatus', {
          branch: optional(text, 'Nothing where no branch is checked out'),
          revision: optional(text, 'Nothing before the first commit'),
          clean: required(boolean, 'Whether nothing differs'),
          ahead: required(integer, 'Commits that the upstream does not have'),
          behind: required(integer, 'Commits of the upstream that are not here'),
          files: required(
            list(
              object('ChangedFile', {
                path: required(text, 'From the root of the working tree'),
                status: required(choice('added', 'modified', 'deleted', 'conflicted', 'untracked'), 'What became of it'),
              }),
            ),
            'What differs',
          ),
        }),
      },
      async: true,
      throws: tree,
    },
    log: {
      summary: 'Past commits of a working tree, newest first.',
      parameters: [
        options({
          directory,
          limit: optional(integer, 'How many, up to 1000. Default 20'),
          path: optional(text, 'Only those that changed this path'),
        }),
      ],
      returns: { type: list(commit) },
      async: true,
      throws: tree,
    },
    changedFiles: {
      summary: 'The files in which two revisions of a working tree differ.',
      parameters: [parameter('from', text, 'A commit, branch, tag or `HEAD~1`'), parameter('to', text, 'Another'), options({ directory })],
      returns: { type: list(text) },
      async: true,
      throws: tree,
    },
    switchBranch: {
      summary: 'Checks out a branch.',
      parameters: [parameter('branch', text, 'Its name'), options({ directory, create: optional(boolean, 'Make it here. Default false') })],
      returns: { type: nothing },
      async: true,
      throws: tree,
    },
    commit: {
      summary: 'Commits what differs, new and deleted files too. Without a configured name the author is Evenkeel.',
      parameters: [
        parameter('message', text, 'The message'),
        options({
          directory,
          paths: optional(list(text), 'Only these, from the working tree. Default: all'),
          author: optional(object('Author', { name: required(text, 'Name'), email: required(text, 'Address') }), 'Who wrote it'),
        }),
      ],
      returns: { type: text, optional: true, summary: 'The new commit; nothing where nothing differs' },
      async: true,
      throws: tree,
    },
    tag: {
      summary: 'Tags the commit that is checked out.',
      parameters: [parameter('name', text, 'Its name'), options({ directory, message: optional(text, 'Makes it an annotated one') })],
      returns: { type: nothing },
      async: true,
      throws: tree,
    },
    push: {
      summary: 'Pushes what is checked out. Never by force.',
      parameters: [
        options({
          directory,
          branch: optional(text, 'Where to. Default: the branch that is checked out'),
          remote: optional(text, 'Default origin'),
          tags: optional(boolean, 'Tags, too. Default false'),
          credentials,
          timeout,
        }),
      ],
      returns: { type: text, summary: 'The commit that was pushed' },
      async: true,
      throws: [...tree, 'SOURCE_PUSH_REJECTED', 'SOURCE_AUTH'],
    },
  },
};
