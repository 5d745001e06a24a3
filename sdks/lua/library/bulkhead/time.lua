---@meta bulkhead.time

-- Written by scripts/generate-guest-api.ts. For the Lua language server; it is never run.

return host.time
