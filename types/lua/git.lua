---@meta git
-- Written by scripts/lua-types.mjs. Do not change it by hand.

---@class (exact) evenkeel.git.resolve.options.credentials.token
---@field type "token"
---@field token string
---@field username? string

---@class (exact) evenkeel.git.resolve.options.credentials.userpass
---@field type "userpass"
---@field username string
---@field password string

---@class (exact) evenkeel.git.resolve.options.credentials.ssh
---@field type "ssh"
---@field ssh_key string
---@field known_hosts? string

---@class (exact) evenkeel.git.resolve.options
---@field branch? string A branch. Default: that of the remote
---@field tag? string A tag
---@field commit? string A commit
---@field credentials? evenkeel.git.resolve.options.credentials.token|evenkeel.git.resolve.options.credentials.userpass|evenkeel.git.resolve.options.credentials.ssh As for registerRepository. They are masked in logs

---@class (exact) evenkeel.git.Resolved
---@field revision string The commit
---@field ref string Like `refs/heads/main`

---@class (exact) evenkeel.git.commit_info.options.credentials.token
---@field type "token"
---@field token string
---@field username? string

---@class (exact) evenkeel.git.commit_info.options.credentials.userpass
---@field type "userpass"
---@field username string
---@field password string

---@class (exact) evenkeel.git.commit_info.options.credentials.ssh
---@field type "ssh"
---@field ssh_key string
---@field known_hosts? string

---@class (exact) evenkeel.git.commit_info.options
---@field branch? string A branch. Default: that of the remote
---@field tag? string A tag
---@field commit? string A commit
---@field credentials? evenkeel.git.commit_info.options.credentials.token|evenkeel.git.commit_info.options.credentials.userpass|evenkeel.git.commit_info.options.credentials.ssh As for registerRepository. They are masked in logs

---@class (exact) evenkeel.git.Commit
---@field revision string Its hash
---@field author string `Name <address>`
---@field at string When it was written
---@field subject string The first line of its message

---@class (exact) evenkeel.git.read_file.options.credentials.token
---@field type "token"
---@field token string
---@field username? string

---@class (exact) evenkeel.git.read_file.options.credentials.userpass
---@field type "userpass"
---@field username string
---@field password string

---@class (exact) evenkeel.git.read_file.options.credentials.ssh
---@field type "ssh"
---@field ssh_key string
---@field known_hosts? string

---@class (exact) evenkeel.git.read_file.options
---@field branch? string A branch. Default: that of the remote
---@field tag? string A tag
---@field commit? string A commit
---@field credentials? evenkeel.git.read_file.options.credentials.token|evenkeel.git.read_file.options.credentials.userpass|evenkeel.git.read_file.options.credentials.ssh As for registerRepository. They are masked in logs
---@field max_bytes? integer A larger file is refused. Default 16 MiB

---@class (exact) evenkeel.git.list_files.options.credentials.token
---@field type "token"
---@field token string
---@field username? string

---@class (exact) evenkeel.git.list_files.options.credentials.userpass
---@field type "userpass"
---@field username string
---@field password string

---@class (exact) evenkeel.git.list_files.options.credentials.ssh
---@field type "ssh"
---@field ssh_key string
---@field known_hosts? string

---@class (exact) evenkeel.git.list_files.options
---@field branch? string A branch. Default: that of the remote
---@field tag? string A tag
---@field commit? string A commit
---@field credentials? evenkeel.git.list_files.options.credentials.token|evenkeel.git.list_files.options.credentials.userpass|evenkeel.git.list_files.options.credentials.ssh As for registerRepository. They are masked in logs
---@field path? string A folder. Default: all of it
---@field match? string A pattern for the path from that folder, as for fs.list

---@class (exact) evenkeel.git.clone.options.credentials.token
---@field type "token"
---@field token string
---@field username? string

---@class (exact) evenkeel.git.clone.options.credentials.userpass
---@field type "userpass"
---@field username string
---@field password string

---@class (exact) evenkeel.git.clone.options.credentials.ssh
---@field type "ssh"
---@field ssh_key string
---@field known_hosts? string

---@class (exact) evenkeel.git.clone.options
---@field branch? string A branch. Default: that of the remote
---@field tag? string A tag
---@field depth? integer Only the last so many commits
---@field credentials? evenkeel.git.clone.options.credentials.token|evenkeel.git.clone.options.credentials.userpass|evenkeel.git.clone.options.credentials.ssh As for registerRepository. They are masked in logs
---@field timeout? string|number Default 10m

---@class (exact) evenkeel.git.Cloned
---@field path string Where it is
---@field revision string What is checked out

---@class (exact) evenkeel.git.status.options
---@field directory? string The working tree. Default: the working directory

---@class (exact) evenkeel.git.ChangedFile
---@field path string From the root of the working tree
---@field status "added"|"modified"|"deleted"|"conflicted"|"untracked" What became of it

---@class (exact) evenkeel.git.TreeStatus
---@field branch? string Nothing where no branch is checked out
---@field revision? string Nothing before the first commit
---@field clean boolean Whether nothing differs
---@field ahead integer Commits that the upstream does not have
---@field behind integer Commits of the upstream that are not here
---@field files evenkeel.git.ChangedFile[] What differs

---@class (exact) evenkeel.git.log.options
---@field directory? string The working tree. Default: the working directory
---@field limit? integer How many, up to 1000. Default 20
---@field path? string Only those that changed this path

---@class (exact) evenkeel.git.changed_files.options
---@field directory? string The working tree. Default: the working directory

---@class (exact) evenkeel.git.switch_branch.options
---@field directory? string The working tree. Default: the working directory
---@field create? boolean Make it here. Default false

---@class (exact) evenkeel.git.Author
---@field name string Name
---@field email string Address

---@class (exact) evenkeel.git.commit.options
---@field directory? string The working tree. Default: the working directory
---@field paths? string[] Only these, from the working tree. Default: all
---@field author? evenkeel.git.Author Who wrote it

---@class (exact) evenkeel.git.tag.options
---@field directory? string The working tree. Default: the working directory
---@field message? string Makes it an annotated one

---@class (exact) evenkeel.git.push.options.credentials.token
---@field type "token"
---@field token string
---@field username? string

---@class (exact) evenkeel.git.push.options.credentials.userpass
---@field type "userpass"
---@field username string
---@field password string

---@class (exact) evenkeel.git.push.options.credentials.ssh
---@field type "ssh"
---@field ssh_key string
---@field known_hosts? string

---@class (exact) evenkeel.git.push.options
---@field directory? string The working tree. Default: the working directory
---@field branch? string Where to. Default: the branch that is checked out
---@field remote? string Default origin
---@field tags? boolean Tags, too. Default false
---@field credentials? evenkeel.git.push.options.credentials.token|evenkeel.git.push.options.credentials.userpass|evenkeel.git.push.options.credentials.ssh As for registerRepository. They are masked in logs
---@field timeout? string|number Default 10m

---Repositories: remote ones without a checkout, and working trees inside the working directory. Hooks and submodules are off.
---@class evenkeel.git
local git = {}

---Asks a remote which commit a branch or tag is.
---@param url string `https://…`, `git@host:path`, `owner/name` for GitHub, or a local path
---@param options? evenkeel.git.resolve.options Options
---@return evenkeel.git.Resolved?
---@return string? reason Why not
---@return string? code The code of the error
function git.resolve(url, options) end

---What is known of a commit of a remote.
---@param url string `https://…`, `git@host:path`, `owner/name` for GitHub, or a local path
---@param options? evenkeel.git.commit_info.options Options
---@return evenkeel.git.Commit?
---@return string? reason Why not
---@return string? code The code of the error
function git.commit_info(url, options) end

---Reads a file of a remote, without a checkout.
---@param url string `https://…`, `git@host:path`, `owner/name` for GitHub, or a local path
---@param path string From the root of the repository
---@param options? evenkeel.git.read_file.options Options
---@return string?
---@return string? reason Why not
---@return string? code The code of the error
function git.read_file(url, path, options) end

---Lists the files of a remote, without a checkout.
---@param url string `https://…`, `git@host:path`, `owner/name` for GitHub, or a local path
---@param options? evenkeel.git.list_files.options Options
---@return string[]? # Paths from that folder, in order
---@return string? reason Why not
---@return string? code The code of the error
function git.list_files(url, options) end

---Makes a working tree.
---@param url string `https://…`, `git@host:path`, `owner/name` for GitHub, or a local path
---@param directory string Where to: a folder that is not there or empty
---@param options? evenkeel.git.clone.options Options
---@return evenkeel.git.Cloned?
---@return string? reason Why not
---@return string? code The code of the error
function git.clone(url, directory, options) end

---What differs in a working tree from its last commit.
---@param options? evenkeel.git.status.options Options
---@return evenkeel.git.TreeStatus?
---@return string? reason Why not
---@return string? code The code of the error
function git.status(options) end

---Past commits of a working tree, newest first.
---@param options? evenkeel.git.log.options Options
---@return evenkeel.git.Commit[]?
---@return string? reason Why not
---@return string? code The code of the error
function git.log(options) end

---The files in which two revisions of a working tree differ.
---@param from string A commit, branch, tag or `HEAD~1`
---@param to string Another
---@param options? evenkeel.git.changed_files.options Options
---@return string[]?
---@return string? reason Why not
---@return string? code The code of the error
function git.changed_files(from, to, options) end

---Checks out a branch.
---@param branch string Its name
---@param options? evenkeel.git.switch_branch.options Options
---@return boolean done
---@return string? reason Why not
---@return string? code The code of the error
function git.switch_branch(branch, options) end

---Commits what differs, new and deleted files too. Without a configured name the author is Evenkeel.
---@param message string The message
---@param options? evenkeel.git.commit.options Options
---@return string? # The new commit; nothing where nothing differs
---@return string? reason Why not
---@return string? code The code of the error
function git.commit(message, options) end

---Tags the commit that is checked out.
---@param name string Its name
---@param options? evenkeel.git.tag.options Options
---@return boolean done
---@return string? reason Why not
---@return string? code The code of the error
function git.tag(name, options) end

---Pushes what is checked out. Never by force.
---@param options? evenkeel.git.push.options Options
---@return string? # The commit that was pushed
---@return string? reason Why not
---@return string? code The code of the error
function git.push(options) end

return git
