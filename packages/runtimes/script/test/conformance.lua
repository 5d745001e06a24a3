-- The behaviours of the conformance suite (packages/testkit) as a Lua plugin.

local counted = 0

function echo(input) return input end
function count() counted = counted + 1 return counted end
function ask(input) return host.test.ask(input) end
function chat(input) print(input) end
function pester() while true do host.test.ask(nil) end end
function fail() error('not today', 0) end
function spin() while true do end end
function hoard()
  local kept = {}
  while true do kept[#kept + 1] = string.rep('x', 1 << 20) .. #kept end
end
function recurse() return 1 + recurse() end
function flood() return string.rep('x', 2 << 20) end
