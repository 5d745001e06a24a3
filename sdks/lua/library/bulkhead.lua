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
---@field keepExpiry? boolean Leaves the expiry that the key has; ttlMs is then passed over. `false` when absent.
---@field scope? "plugin"|"workspace"|"global" Where the key lives; each scope is a grant of its own. `plugin` when absent.

---Writes a key, durable once answered. `ttlMs` lets it expire; without it an earlier expiry ends, unless `keepExpiry`
---is set.
---@param key string
---@param value any
---@param options? bulkhead.kv.set.options
function host.kv.set(key, value, options) end

---@class bulkhead.kv.set_if_version.options
---@field ttlMs? integer Milliseconds until the key expires.
---@field scope? "plugin"|"workspace"|"global" Where the key lives; each scope is a grant of its own. `plugin` when absent.

---@class bulkhead.kv.set_if_version.result
---@field updated boolean
---@field version integer Rises with every change; 0: the key is absent.

---Writes a key only if it still has the version that was read (0: only if absent). Says whether it did, and the
---version now. The key keeps its expiry unless `ttlMs` is given.
---@param key string
---@param value any
---@param ifVersion integer Rises with every change; 0: the key is absent.
---@param options? bulkhead.kv.set_if_version.options
---@return bulkhead.kv.set_if_version.result
function host.kv.set_if_version(key, value, ifVersion, options) end

---Deletes a key; says whether it was there.
---@param key string
---@param options? bulkhead.kv.get.options
---@return boolean
function host.kv.delete(key, options) end

---Adds to the number under a key, in one step that no other writer comes between. An absent key counts as 0 and gets
---`ttlMs`; another keeps its expiry.
---@param key string
---@param by? number Below 0 to subtract. `1` when absent.
---@param options? bulkhead.kv.set_if_version.options
---@return number
function host.kv.increment(key, by, options) end

---@class bulkhead.kv.get_many.entry
---@field key string
---@field found boolean
---@field value any
---@field version integer Rises with every change; 0: the key is absent.

---Reads several keys as they are at one moment, and answers in the order of the keys.
---@param keys string[]
---@param options? bulkhead.kv.get.options
---@return bulkhead.kv.get_many.entry[]
function host.kv.get_many(keys, options) end

---@class bulkhead.kv.set_many.item
---@field key string
---@field value any
---@field ttlMs? integer Milliseconds until the key expires.
---@field keepExpiry? boolean Leaves the expiry that the key has; ttlMs is then passed over. `false` when absent.
---@field ifVersion? integer Only if the key has this version; 0: only if it is absent.

---@class bulkhead.kv.set_many.result
---@field written boolean
---@field versions integer[] In the order of the entries; empty when nothing was written.
---@field conflict? { key: string, version: integer }

---Writes several keys, all of them or none. When a key does not have its `ifVersion`, none is written, and the answer
---names it with the version that it has.
---@param entries bulkhead.kv.set_many.item[]
---@param options? bulkhead.kv.get.options
---@return bulkhead.kv.set_many.result
function host.kv.set_many(entries, options) end

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

---@class bulkhead.kv.entries.result
---@field entries ({ key: string, value: any, version: integer })[]
---@field cursor? string Present when there is a further page.

---Lists keys with their values, as kv.list does. A page ends early where its values are large.
---@param options? bulkhead.kv.list.options
---@return bulkhead.kv.entries.result
function host.kv.entries(options) end

---A folder of Markdown notes with links between them. Paths are relative to the vault; `.md` may be left out.
---@class bulkhead.notes
host.notes = {}

---@class bulkhead.notes.read.result
---@field path string
---@field content string
---@field version string Stands for the content; give it back as ifVersion when writing.
---@field title string
---@field tags string[]
---@field frontmatter table<string, any>|nil Null when there is none, or none that can be read.
---@field fault string|nil What of the note could not be read.

---Reads a note: its whole text, its version, and what its frontmatter says.
---@param path string Relative to the vault, with / between names; .md may be left out.
---@return bulkhead.notes.read.result
function host.notes.read(path) end

---@class bulkhead.notes.list.options
---@field tag? string Notes with this tag, or one beneath it: project means project/alpha as well.
---@field recursive? boolean `true` when absent.
---@field limit? integer `100` when absent.
---@field cursor? string

---@class bulkhead.notes.list.result
---@field notes ({ path: string, title: string, tags: string[], modifiedMs: number, size: number })[]
---@field folders string[]
---@field cursor? string Present when there are more.

---Lists notes in the order of their paths, a page at a time, and the folders in the folder when it is not recursive.
---@param folder? string Relative to the vault; empty for all of it.
---@param options? bulkhead.notes.list.options
---@return bulkhead.notes.list.result
function host.notes.list(folder, options) end

---@class bulkhead.notes.search.options
---@field mode? "text"|"semantic"|"hybrid" `text` when absent.
---@field folder? string Relative to the vault; empty for all of it.
---@field tag? string Notes with this tag, or one beneath it: project means project/alpha as well.
---@field limit? integer `10` when absent.

---@class bulkhead.notes.search.entry
---@field path string
---@field title string
---@field score number By meaning: how near, up to 1. Else 1 for the first, 1/2 for the second, and so on.
---@field snippet string
---@field line integer

---Finds notes by their words (text), by what they are about (semantic), or by both (hybrid). Quotes keep words
---together.
---@param query string
---@param options? bulkhead.notes.search.options
---@return bulkhead.notes.search.entry[]
function host.notes.search(query, options) end

---@class bulkhead.notes.backlinks.options
---@field limit? integer `100` when absent.

---@class bulkhead.notes.backlinks.entry
---@field path string
---@field link string As it is written, with its anchor.
---@field alias string|nil
---@field embed boolean
---@field line integer

---The links that lead to a note, each with the note that it stands in.
---@param path string Relative to the vault, with / between names; .md may be left out.
---@param options? bulkhead.notes.backlinks.options
---@return bulkhead.notes.backlinks.entry[]
function host.notes.backlinks(path, options) end

---@class bulkhead.notes.forward_links.entry
---@field path string|nil
---@field link string As it is written, with its anchor.
---@field alias string|nil
---@field embed boolean
---@field line integer

---The links of a note, in their order, each with the note that it leads to; null when that is not there.
---@param path string Relative to the vault, with / between names; .md may be left out.
---@return bulkhead.notes.forward_links.entry[]
function host.notes.forward_links(path) end

---@class bulkhead.notes.unresolved.options
---@field folder? string Relative to the vault; empty for all of it.
---@field tag? string Notes with this tag, or one beneath it: project means project/alpha as well.
---@field limit? integer `100` when absent.

---@class bulkhead.notes.unresolved.entry
---@field path string
---@field link string
---@field line integer

---Links that lead to no note, in the order of the notes that they stand in.
---@param options? bulkhead.notes.unresolved.options
---@return bulkhead.notes.unresolved.entry[]
function host.notes.unresolved(options) end

---@class bulkhead.notes.tags.options
---@field folder? string Relative to the vault; empty for all of it.
---@field tag? string Notes with this tag, or one beneath it: project means project/alpha as well.

---@class bulkhead.notes.tags.entry
---@field tag string
---@field count integer

---All tags with the number of notes that have them, the most frequent first.
---@param options? bulkhead.notes.tags.options
---@return bulkhead.notes.tags.entry[]
function host.notes.tags(options) end

---@class bulkhead.notes.traverse.options
---@field strategy? "bfs"|"dfs"|"semantic" `bfs` when absent.
---@field direction? "out"|"in"|"both" Which links are followed. `both` when absent.
---@field depth? integer `2` when absent.
---@field limit? integer `100` when absent.
---@field filter? { folder?: string, tag?: string } Which notes are in the answer; the way may lead through others.

---@class bulkhead.notes.traverse.entry
---@field path string
---@field title string
---@field depth integer
---@field via string|nil The note that led here.
---@field similarity? number

---Walks from a note to others: by links in breadth (bfs) or in depth (dfs), or to those about the same things
---(semantic).
---@param start string Relative to the vault, with / between names; .md may be left out.
---@param options? bulkhead.notes.traverse.options
---@return bulkhead.notes.traverse.entry[]
function host.notes.traverse(start, options) end

---@class bulkhead.notes.graph.result
---@field nodes string[]
---@field edges integer[][] [from, to] as places in nodes; each pair once.

---The whole graph of notes at once: paths, and pairs of places in them for each link.
---@param options? bulkhead.notes.tags.options
---@return bulkhead.notes.graph.result
function host.notes.graph(options) end

---The note that a wikilink leads to, as it would in the note `from`; null when there is none.
---@param link string
---@param from? string Relative to the vault, with / between names; .md may be left out.
---@return string?
function host.notes.resolve(link, from) end

---@class bulkhead.notes.status.result
---@field notes integer
---@field skipped ({ path: string, reason: string })[]
---@field faults ({ path: string, reason: string })[]
---@field pending integer Notes that search by meaning does not know yet.
---@field watched boolean False: changes by other programs show after some seconds.

---How many notes and links there are, and which files could not be taken in, or not wholly.
---@return bulkhead.notes.status.result
function host.notes.status() end

---@class bulkhead.notes.write.options
---@field mode? "overwrite"|"create"|"update" create: there must be no such note; update: there must be one. `overwrite` when absent.
---@field ifVersion? string Change only if the note has this version now.
---@field dryRun? boolean Change nothing; say what would change. `false` when absent.
---@field diff? boolean Answer with the change as a unified diff; a dry run always does. `false` when absent.

---@class bulkhead.notes.write.result
---@field path string
---@field version string
---@field diff? string

---Writes a whole note, durable once answered. With ifVersion nothing is lost that somebody else wrote meanwhile.
---@param path string Relative to the vault, with / between names; .md may be left out.
---@param content string
---@param options? bulkhead.notes.write.options
---@return bulkhead.notes.write.result
function host.notes.write(path, content, options) end

---@class bulkhead.notes.create.options
---@field dryRun? boolean Change nothing; say what would change. `false` when absent.
---@field diff? boolean Answer with the change as a unified diff; a dry run always does. `false` when absent.

---Creates a note, folders on the way included; fails when there is one already.
---@param path string Relative to the vault, with / between names; .md may be left out.
---@param content? string `""` when absent.
---@param options? bulkhead.notes.create.options
---@return bulkhead.notes.write.result
function host.notes.create(path, content, options) end

---@class bulkhead.notes.append.options
---@field ifVersion? string Change only if the note has this version now.
---@field dryRun? boolean Change nothing; say what would change. `false` when absent.
---@field diff? boolean Answer with the change as a unified diff; a dry run always does. `false` when absent.

---Adds text at the end of a note, on a line of its own; creates the note when it is not there.
---@param path string Relative to the vault, with / between names; .md may be left out.
---@param content string
---@param options? bulkhead.notes.append.options
---@return bulkhead.notes.write.result
function host.notes.append(path, content, options) end

---Replaces a text that occurs exactly once in a note.
---@param path string Relative to the vault, with / between names; .md may be left out.
---@param find string
---@param replace string
---@param options? bulkhead.notes.append.options
---@return bulkhead.notes.write.result
function host.notes.edit(path, find, replace, options) end

---@class bulkhead.notes.rename.options
---@field links? "rewrite"|"keep" `rewrite` when absent.
---@field ifVersion? string Change only if the note has this version now.
---@field dryRun? boolean Change nothing; say what would change. `false` when absent.
---@field diff? boolean Answer with the change as a unified diff; a dry run always does. `false` when absent.

---@class bulkhead.notes.rename.result
---@field path string
---@field version string
---@field changed ({ path: string, version: string, diff?: string })[] Notes whose links were rewritten.

---Gives a note another path, and rewrites the links of all notes so that they lead where they led before.
---@param from string Relative to the vault, with / between names; .md may be left out.
---@param to string Relative to the vault, with / between names; .md may be left out.
---@param options? bulkhead.notes.rename.options
---@return bulkhead.notes.rename.result
function host.notes.rename(from, to, options) end

---@class bulkhead.notes.delete.result
---@field trash string
---@field version string
---@field diff? string

---Moves a note to the folder .trash of the vault, from where a person can bring it back.
---@param path string Relative to the vault, with / between names; .md may be left out.
---@param options? bulkhead.notes.append.options
---@return bulkhead.notes.delete.result
function host.notes.delete(path, options) end

---Algorithms on graphs. A graph crosses once: `{ nodes?, edges: [[from, to, weight?], …], directed? }`, where a node
---is a name or an index.
---@class bulkhead.graph
host.graph = {}

---@class bulkhead.graph.graph
---@field nodes? string[]|integer
---@field edges ((string|integer)[])[]
---@field directed? boolean `true` when absent.

---@class bulkhead.graph.bfs.options
---@field depth? integer
---@field limit? integer

---@class bulkhead.graph.bfs.entry
---@field node string|integer
---@field depth integer
---@field parent string|integer|nil

---Visits the nodes that can be reached from one, near ones first.
---@param graph bulkhead.graph.graph nodes: names, or how many; left out, they are taken from the edges. edges: [from, to, weight?].
---@param start string|integer
---@param options? bulkhead.graph.bfs.options
---@return bulkhead.graph.bfs.entry[]
function host.graph.bfs(graph, start, options) end

---Visits the nodes that can be reached from one, each edge as far as it leads before the next.
---@param graph bulkhead.graph.graph nodes: names, or how many; left out, they are taken from the edges. edges: [from, to, weight?].
---@param start string|integer
---@param options? bulkhead.graph.bfs.options
---@return bulkhead.graph.bfs.entry[]
function host.graph.dfs(graph, start, options) end

---@class bulkhead.graph.shortest_path.result
---@field found boolean
---@field path (string|integer)[]
---@field distance number|nil

---The path of the least weight from one node to another (Dijkstra); `found` is false where none leads.
---@param graph bulkhead.graph.graph nodes: names, or how many; left out, they are taken from the edges. edges: [from, to, weight?].
---@param from string|integer
---@param to string|integer
---@return bulkhead.graph.shortest_path.result
function host.graph.shortest_path(graph, from, to) end

---@class bulkhead.graph.distances.options
---@field limit? integer

---@class bulkhead.graph.distances.entry
---@field node string|integer
---@field distance number

---How far each node is that can be reached from one, the nearest first.
---@param graph bulkhead.graph.graph nodes: names, or how many; left out, they are taken from the edges. edges: [from, to, weight?].
---@param from string|integer
---@param options? bulkhead.graph.distances.options
---@return bulkhead.graph.distances.entry[]
function host.graph.distances(graph, from, options) end

---@class bulkhead.graph.page_rank.options
---@field damping? number `0.85` when absent.
---@field iterations? integer `100` when absent.
---@field tolerance? number `1e-9` when absent.
---@field limit? integer

---@class bulkhead.graph.page_rank.entry
---@field node string|integer
---@field rank number

---How central each node is by the edges that lead to it (PageRank), the highest first; all sum to 1.
---@param graph bulkhead.graph.graph nodes: names, or how many; left out, they are taken from the edges. edges: [from, to, weight?].
---@param options? bulkhead.graph.page_rank.options
---@return bulkhead.graph.page_rank.entry[]
function host.graph.page_rank(graph, options) end

---@class bulkhead.graph.communities.options
---@field resolution? number `1` when absent.
---@field seed? integer `0` when absent.

---@class bulkhead.graph.communities.result
---@field communities ((string|integer)[])[]
---@field modularity number

---Groups of nodes with many edges inside and few between (Louvain), the largest first. The same seed gives the same
---groups.
---@param graph bulkhead.graph.graph nodes: names, or how many; left out, they are taken from the edges. edges: [from, to, weight?].
---@param options? bulkhead.graph.communities.options
---@return bulkhead.graph.communities.result
function host.graph.communities(graph, options) end

---@class bulkhead.graph.components.options
---@field mode? "weak"|"strong" `weak` when absent.

---Parts of the graph that hang together, the largest first: `weak` without looking at directions, `strong` where each
---node reaches each.
---@param graph bulkhead.graph.graph nodes: names, or how many; left out, they are taken from the edges. edges: [from, to, weight?].
---@param options? bulkhead.graph.components.options
---@return ((string|integer)[])[]
function host.graph.components(graph, options) end

---The nodes in an order in which every edge leads forward. Fails with `graph.cycle`, which names one.
---@param graph bulkhead.graph.graph nodes: names, or how many; left out, they are taken from the edges. edges: [from, to, weight?].
---@return (string|integer)[]
function host.graph.topological_order(graph) end

---@class bulkhead.graph.degrees.entry
---@field node string|integer
---@field incoming integer
---@field outgoing integer
---@field degree integer

---How many edges lead to and from each node, those with the most first.
---@param graph bulkhead.graph.graph nodes: names, or how many; left out, they are taken from the edges. edges: [from, to, weight?].
---@param options? bulkhead.graph.distances.options
---@return bulkhead.graph.degrees.entry[]
function host.graph.degrees(graph, options) end

---@class bulkhead.graph.stats.result
---@field nodes integer
---@field edges integer
---@field loops integer
---@field isolated integer
---@field components integer
---@field density number

---Figures of the whole graph.
---@param graph bulkhead.graph.graph nodes: names, or how many; left out, they are taken from the edges. edges: [from, to, weight?].
---@return bulkhead.graph.stats.result
function host.graph.stats(graph) end

---YAML 1.2, core schema, without tags of its own.
---@class bulkhead.yaml
host.yaml = {}

---Reads one YAML 1.2 document of plain data; keys become text. No custom tags, few aliases.
---@param text string
---@return any
function host.yaml.parse(text) end

---@class bulkhead.yaml.format.options
---@field indent? integer `2` when absent.

---Writes a value as YAML 1.2.
---@param value any
---@param options? bulkhead.yaml.format.options
---@return string
function host.yaml.format(value, options) end

---Comma-separated values (RFC 4180).
---@class bulkhead.csv
host.csv = {}

---@class bulkhead.csv.parse.options
---@field header? boolean `false` when absent.
---@field delimiter? string `,` when absent.

---Reads CSV (RFC 4180). Rows are lists of text; with `header`, objects by the column names of the first line.
---@param text string
---@param options? bulkhead.csv.parse.options
---@return any[]
function host.csv.parse(text, options) end

---@class bulkhead.csv.format.options
---@field columns? string[]
---@field header? boolean `true` when absent.
---@field delimiter? string `,` when absent.
---@field newline? "\r\n"|"\n" `"\r\n"` when absent.

---Writes rows as CSV (RFC 4180): lists of cells, or objects, whose column names come first.
---@param rows ((string|number|boolean|nil)[]|table<string, string|number|boolean|nil>)[]
---@param options? bulkhead.csv.format.options
---@return string
function host.csv.format(rows, options) end

---Regular expressions that take linear time (RE2 syntax). Positions count Unicode characters from 0.
---@class bulkhead.regex
host.regex = {}

---@class bulkhead.regex.test.options
---@field flags? string `""` when absent.

---Whether a pattern (RE2) is found anywhere in a text.
---@param pattern string
---@param text string
---@param options? bulkhead.regex.test.options
---@return boolean
function host.regex.test(pattern, text, options) end

---@class bulkhead.regex.find.result
---@field text string
---@field from integer
---@field to integer
---@field groups (string|nil)[]
---@field named table<string, string|nil>

---The first match of a pattern (RE2), with its groups. Positions count Unicode characters from 0.
---@param pattern string
---@param text string
---@param options? bulkhead.regex.test.options
---@return bulkhead.regex.find.result?
function host.regex.find(pattern, text, options) end

---@class bulkhead.regex.find_all.options
---@field flags? string `""` when absent.
---@field limit? integer

---All matches of a pattern (RE2) from left to right.
---@param pattern string
---@param text string
---@param options? bulkhead.regex.find_all.options
---@return bulkhead.regex.find.result[]
function host.regex.find_all(pattern, text, options) end

---The text with all matches, or the first `limit`, replaced. `$1` and `${name}` stand for groups, `$$` for a dollar
---sign.
---@param pattern string
---@param text string
---@param replacement string
---@param options? bulkhead.regex.find_all.options
---@return string
function host.regex.replace(pattern, text, replacement, options) end

---The text cut at all matches, or the first `limit`.
---@param pattern string
---@param text string
---@param options? bulkhead.regex.find_all.options
---@return string[]
function host.regex.split(pattern, text, options) end

---Dates, times, zones and durations. A time is ISO 8601 text, milliseconds since 1970, or what `now` gives.
---@class bulkhead.time
host.time = {}

---@class bulkhead.time.now.result
---@field iso string RFC 3339 with the offset of the zone.
---@field epoch number Milliseconds since 1970.
---@field zone string
---@field offset string
---@field year integer
---@field month integer
---@field day integer
---@field hour integer
---@field minute integer
---@field second integer
---@field millisecond integer
---@field weekday integer 1 (Monday) to 7.
---@field week integer ISO week of the year.
---@field yearday integer Day of the year, from 1.

---This moment.
---@param zone? string
---@return bulkhead.time.now.result
function host.time.now(zone) end

---@class bulkhead.time.parse.options
---@field zone? string
---@field format? string Letters as yyyy-MM-dd HH:mm:ss.SSS xxx, text in single quotes.

---Reads ISO 8601 text (dates, times, weeks, days of the year, zones in brackets), or text by a pattern. Without an
---offset it is in `zone`.
---@param text string
---@param options? bulkhead.time.parse.options
---@return bulkhead.time.now.result
function host.time.parse(text, options) end

---@class bulkhead.time.format.options
---@field zone? string

---Writes a time by a pattern; without one, as ISO 8601 with the offset.
---@param time string|number|{ iso: string, zone?: string }
---@param format? string Letters as yyyy-MM-dd HH:mm:ss.SSS xxx, text in single quotes.
---@param options? bulkhead.time.format.options
---@return string
function host.time.format(time, format, options) end

---A time and a duration later, or earlier; days and months are those of the zone.
---@param time string|number|{ iso: string, zone?: string }
---@param duration string|{ years?: integer, months?: integer, weeks?: integer, days?: integer, hours?: integer, minutes?: integer, seconds?: integer, milliseconds?: integer } ISO 8601, `P1DT2H` or `-P1M`, or amounts by name.
---@param options? bulkhead.time.format.options
---@return bulkhead.time.now.result
function host.time.add(time, duration, options) end

---@class bulkhead.time.diff.options
---@field largest? "year"|"month"|"week"|"day"|"hour"|"minute"|"second"|"millisecond" `day` when absent.
---@field unit? "year"|"month"|"week"|"day"|"hour"|"minute"|"second"|"millisecond" `millisecond` when absent.
---@field zone? string

---@class bulkhead.time.diff.result
---@field iso string
---@field years number
---@field months number
---@field weeks number
---@field days number
---@field hours number
---@field minutes number
---@field seconds number
---@field milliseconds number
---@field total number

---From one time to another: as amounts up to the unit `largest`, and in all in units of `unit`.
---@param from string|number|{ iso: string, zone?: string }
---@param to string|number|{ iso: string, zone?: string }
---@param options? bulkhead.time.diff.options
---@return bulkhead.time.diff.result
function host.time.diff(from, to, options) end

---The first moment of a unit in the zone.
---@param time string|number|{ iso: string, zone?: string }
---@param unit "year"|"month"|"week"|"day"|"hour"|"minute"|"second"|"millisecond"
---@param options? bulkhead.time.format.options
---@return bulkhead.time.now.result
function host.time.start_of(time, unit, options) end

---The last millisecond of a unit in the zone.
---@param time string|number|{ iso: string, zone?: string }
---@param unit "year"|"month"|"week"|"day"|"hour"|"minute"|"second"|"millisecond"
---@param options? bulkhead.time.format.options
---@return bulkhead.time.now.result
function host.time.end_of(time, unit, options) end

---Names of the time zones (IANA), all or those that begin with a prefix.
---@param prefix? string `""` when absent.
---@return string[]
function host.time.zones(prefix) end

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
---it is. The key keeps its expiry unless `ttlMs` is given. Gives what is there now; fails with `kv-contended` after
---1,000 attempts.
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

---Makes several calls together and gives their answers in order. A call is its name and its input: `{ "regex.test",
---input }` in Lua, the pair `("regex.test", input)` in Rune. When some fail, the first failure is raised after all
---came.
---@param calls { [1]: string, [2]?: any }[]
---@return any[] outputs
function host.all(calls) end

---Begins a call and goes on; its answer is waited for later.
---@param name string
---@param input? any
---@return bulkhead.ticket ticket
function host.start(name, input) end

---Begins a task of one’s own: it runs while others wait. Its host calls stop only itself.
---@param run fun(...: any): any
---@param ... any Its arguments.
---@return bulkhead.ticket ticket
function host.spawn(run, ...) end

---Waits for the first that is done of several. In Lua it gives three values: the ticket that is done, whether it went
---well, and the value or the error; in Rune the pair of its index and its value.
---@param ... bulkhead.ticket
---@return bulkhead.ticket ticket The one that is done.
---@return boolean ok Whether it went well.
---@return any value Its value, or its error.
function host.wait(...) end

---Gives up what was begun: its answer is not waited for any more.
---@param ticket bulkhead.ticket
function host.drop(ticket) end

---Waits. The time counts against the limits of the call.
---@param ms number
function host.sleep(ms) end

---Waits. The time counts against the limits of the call.
---@param ms number
---@return bulkhead.ticket ticket
function host.timer(ms) end

---The plugin’s configuration, as the operator set it. In Lua it can be read and gone over with `pairs`, and is not
---sent as a whole.
---@type table<string, string>
host.config = {}

---What stands for null inside of tables; at the top, and as an argument, nil does.
---@type lightuserdata
host.null = {}

---Marks a table as a list, so that an empty one crosses as `[]` and not as `{}`.
---@generic T
---@param list T[]
---@return T[]
function host.array(list) end
