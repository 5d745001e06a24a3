---@meta bulkhead

-- Written by scripts/generate-guest-api.ts from the guest API table. For the Lua language server; it is never run.

---The host functions, each behind the gate. A call waits for its answer; a failure is raised as a bulkhead.error.
---@class bulkhead.host
host = {}

---What a failed host call raises.
---@class bulkhead.error
---@field code string A code of Bulkhead’s table, for example capability.denied.
---@field message string
---@field hint? string What to do about it.
---@field details? table<string, any>

---A call that was begun, or a wait.
---@class bulkhead.ticket

---Requests over HTTP and HTTPS. Every hop of a redirect is checked again.
---@class bulkhead.http
host.http = {}

---@class bulkhead.http.request.options
---@field method? string
---@field url string Absolute http or https URL, without user name and password.
---@field headers? table<string, string>
---@field body? string The request body.
---@field text? string The request body as text, sent as UTF-8; instead of body.
---@field timeoutMs? integer Time for the whole exchange, redirects included.
---@field redirect? "follow"|"manual"|"error" What to do with a redirect: every one that is followed is checked like a request of its own. `follow` when absent.
---@field maxResponseBytes? integer A lower cap on the response body than the limit.

---@class bulkhead.http.request.result
---@field status integer
---@field headers table<string, string> Lower-case names; repeated fields joined by ", ", and set-cookie by a line feed.
---@field body string
---@field url string Where the response came from, after redirects.
---@field redirected boolean

---Sends an HTTP request and returns the response.
---@param options bulkhead.http.request.options
---@return bulkhead.http.request.result
function host.http.request(options) end

---@class bulkhead.http.get.options
---@field headers? table<string, string>
---@field timeoutMs? integer Time for the whole exchange, redirects included.
---@field redirect? "follow"|"manual"|"error" What to do with a redirect: every one that is followed is checked like a request of its own. `follow` when absent.
---@field maxResponseBytes? integer A lower cap on the response body than the limit.

---Sends a GET request and returns the response.
---@param url string Absolute http or https URL, without user name and password.
---@param options? bulkhead.http.get.options
---@return bulkhead.http.request.result
function host.http.get(url, options) end

---Sends a POST request and returns the response.
---@param url string Absolute http or https URL, without user name and password.
---@param body? string The request body.
---@param options? bulkhead.http.get.options
---@return bulkhead.http.request.result
function host.http.post(url, body, options) end

---Sends a PUT request and returns the response.
---@param url string Absolute http or https URL, without user name and password.
---@param body? string The request body.
---@param options? bulkhead.http.get.options
---@return bulkhead.http.request.result
function host.http.put(url, body, options) end

---Sends a DELETE request and returns the response.
---@param url string Absolute http or https URL, without user name and password.
---@param options? bulkhead.http.get.options
---@return bulkhead.http.request.result
function host.http.delete(url, options) end

---Files under the granted roots. Relative paths start at the workspace root.
---@class bulkhead.fs
host.fs = {}

---Reads a whole file as UTF-8 text; a byte order mark is left out.
---@param path string Absolute, or relative to the workspace root.
---@return string
function host.fs.read_text(path) end

---Reads a whole file.
---@param path string Absolute, or relative to the workspace root.
---@return string
function host.fs.read_bytes(path) end

---@class bulkhead.fs.write_text.options
---@field mode? "create"|"overwrite"|"append" `overwrite` when absent.
---@field createParents? boolean `false` when absent.

---Writes a text as a whole file, in one step that other readers never see half done, or adds it to one.
---@param path string Absolute, or relative to the workspace root.
---@param text string Content as text, written as UTF-8; instead of data.
---@param options? bulkhead.fs.write_text.options
function host.fs.write_text(path, text, options) end

---Writes bytes as a whole file, in one step that other readers never see half done, or adds them to one.
---@param path string Absolute, or relative to the workspace root.
---@param data string
---@param options? bulkhead.fs.write_text.options
function host.fs.write_bytes(path, data, options) end

---@class bulkhead.fs.list.entry
---@field name string
---@field kind "file"|"folder"|"link"|"other"

---Lists a folder, sorted by name; at most 10,000 entries.
---@param path string Absolute, or relative to the workspace root.
---@return bulkhead.fs.list.entry[]
function host.fs.list(path) end

---@class bulkhead.fs.stat.result
---@field kind "file"|"folder"|"link"|"other"
---@field size number Bytes.
---@field modifiedMs number Milliseconds since the Unix epoch.

---Tells what is at a path, links followed.
---@param path string Absolute, or relative to the workspace root.
---@return bulkhead.fs.stat.result
function host.fs.stat(path) end

---Removes a file, a link (not what it leads to) or an empty folder.
---@param path string Absolute, or relative to the workspace root.
function host.fs.remove(path) end

---@class bulkhead.fs.make_folder.options
---@field parents? boolean Folders on the way are made, and one that is there is no error. `false` when absent.

---Makes a folder. One that is there already is left as it is when parents is true.
---@param path string Absolute, or relative to the workspace root.
---@param options? bulkhead.fs.make_folder.options
function host.fs.make_folder(path, options) end

---@class bulkhead.fs.rename.options
---@field overwrite? boolean `false` when absent.

---Moves one file, within a file system. Folders are not moved: rules for paths in them would not follow.
---@param from string Absolute, or relative to the workspace root.
---@param to string Absolute, or relative to the workspace root.
---@param options? bulkhead.fs.rename.options
function host.fs.rename(from, to, options) end

---Environment variables. One that was not granted looks unset.
---@class bulkhead.env
host.env = {}

---Reads an environment variable. There is no result when it is not set or not granted.
---@param name string
---@return string?
function host.env.get(name) end

---Durable JSON values under text keys, in three scopes: the plugin, the workspace, everybody.
---@class bulkhead.kv
host.kv = {}

---@class bulkhead.kv.get.options
---@field scope? "plugin"|"workspace"|"global" Where the key lives; each scope is a grant of its own. `plugin` when absent.

---Reads a key. There is no result when it is absent.
---@param key string
---@param options? bulkhead.kv.get.options
---@return any?
function host.kv.get(key, options) end

---@class bulkhead.kv.get_entry.result
---@field found boolean
---@field value any
---@field version integer Rises with every change; 0: the key is absent.

---Reads a key with its version. Version 0: it is absent, and its value null.
---@param key string
---@param options? bulkhead.kv.get.options
---@return bulkhead.kv.get_entry.result
function host.kv.get_entry(key, options) end

---@class bulkhead.kv.set.options
---@field ttlMs? integer Milliseconds until the key expires.
---@field scope? "plugin"|"workspace"|"global" Where the key lives; each scope is a grant of its own. `plugin` when absent.

---Writes a key, durable once answered. `ttlMs` lets it expire; without it an earlier expiry ends.
---@param key string
---@param value any
---@param options? bulkhead.kv.set.options
function host.kv.set(key, value, options) end

---@class bulkhead.kv.set_if_version.result
---@field updated boolean
---@field version integer Rises with every change; 0: the key is absent.

---Writes a key only if it still has the version that was read (0: only if absent). Says whether it did, and the
---version now.
---@param key string
---@param value any
---@param ifVersion integer Rises with every change; 0: the key is absent.
---@param options? bulkhead.kv.set.options
---@return bulkhead.kv.set_if_version.result
function host.kv.set_if_version(key, value, ifVersion, options) end

---Deletes a key; says whether it was there.
---@param key string
---@param options? bulkhead.kv.get.options
---@return boolean
function host.kv.delete(key, options) end

---@class bulkhead.kv.list.options
---@field prefix? string `""` when absent.
---@field limit? integer `100` when absent.
---@field cursor? string As the page before gave it.
---@field scope? "plugin"|"workspace"|"global" Where the key lives; each scope is a grant of its own. `plugin` when absent.

---@class bulkhead.kv.list.result
---@field keys string[]
---@field cursor? string Present when there is a further page.

---Lists keys with a prefix, in byte order, a page at a time. Pass `cursor` back for the next page.
---@param options? bulkhead.kv.list.options
---@return bulkhead.kv.list.result
function host.kv.list(options) end

---@class bulkhead.log
host.log = {}

---Writes a line to the log. Needs nothing. What is no text is formatted.
---@param ... any
function host.log.trace(...) end

---Writes a line to the log. Needs nothing. What is no text is formatted.
---@param ... any
function host.log.debug(...) end

---Writes a line to the log. Needs nothing. What is no text is formatted.
---@param ... any
function host.log.info(...) end

---Writes a line to the log. Needs nothing. What is no text is formatted.
---@param ... any
function host.log.warn(...) end

---Writes a line to the log. Needs nothing. What is no text is formatted.
---@param ... any
function host.log.error(...) end

---Changes a value so that no other writer’s change is lost: the function gets the value that is there (or nothing) and
---gives the next, and is asked again when somebody else wrote in between. When it gives nothing, everything stays as
---it is. Gives what is there now; fails with `kv-contended` after 1,000 attempts.
---@param key string
---@param change fun(value: any?): any?
---@param options? bulkhead.kv.set.options
---@return any? value
function host.kv.update(key, change, options) end

---Calls a host function by its name, one of the embedding program’s as well, with its whole input.
---@param name string
---@param input? any
---@return any output
function host.call(name, input) end

---Makes several calls together and gives their answers in order. When some fail, the first failure is raised after all
---came.
---@param calls { [1]: string, [2]?: any }[]
---@return any[] outputs
function host.all(calls) end

---Begins a call and goes on; its answer is waited for later.
---@param name string
---@param input? any
---@return bulkhead.ticket ticket
function host.start(name, input) end

---Waits. The time counts against the limits of the call.
---@param ms number
function host.sleep(ms) end

---The plugin’s configuration, as the operator set it.
---@type table<string, string>
host.config = {}
