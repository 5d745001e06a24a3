-- A value in the host's store with its version, for changes that must not undo another writer's.

local host = host

local kept = {}

--- Reads it: the value, or nil, and its version; 0 is none.
function kept.read(key, scope)
  local entry = host.call('kv.get', { key = key, scope = scope })
  if entry.found then return entry.value, entry.version end
  return nil, entry.version
end

--- Writes it if it still has that version; the new version, or nil when another writer came first.
function kept.write(key, value, version, scope)
  local written = host.call('kv.update', { key = key, value = value, ifVersion = version, scope = scope })
  if written.updated then return written.version end
  return nil
end

return kept
