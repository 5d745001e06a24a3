-- The errors of the library, and what it tells of errors of others.

local error, getmetatable, setmetatable, tostring, type = error, getmetatable, setmetatable, tostring, type
local sub = string.sub

local longest_message = 2000
local metatable = {
  __name = 'LibraryError',
  __tostring = function(failure) return failure.code .. ': ' .. failure.message end,
}

local failure = {}

--- Makes an error object with a code of the library's.
function failure.make(code, message, details)
  return setmetatable({ code = code, message = message, details = details }, metatable)
end

--- Raises one.
function failure.raise(code, message, details)
  error(failure.make(code, message, details), 0)
end

--- Tells what was raised, whatever it is: a table with a message and perhaps a code.
function failure.tell(thrown)
  if type(thrown) ~= 'table' then return { message = sub(tostring(thrown), 1, longest_message) } end
  local code, message = thrown.code, thrown.message
  if message == nil then message = getmetatable(thrown) ~= nil and tostring(thrown) or 'it failed' end
  return { code = type(code) == 'string' and code or nil, message = sub(tostring(message), 1, longest_message) }
end

return failure
