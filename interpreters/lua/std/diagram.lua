-- Text in DOT and Mermaid. Names come from anywhere, so nothing of them is taken for syntax: nodes get names of ours, and labels
-- are quoted.

local byte, gsub = string.byte, string.gsub

local diagram = {}

--- A quoted string of the DOT language.
function diagram.quote_for_dot(text)
  local quoted = gsub(gsub(gsub(text, '\\', '\\\\'), '"', '\\"'), '[\r\n]+', ' ')
  return '"' .. quoted .. '"'
end

local function entity(character) return '#' .. byte(character) .. ';' end

--- A label for Mermaid; what has a meaning there becomes an entity, by its number.
function diagram.escape_for_mermaid(text)
  local escaped = gsub(gsub(text, '[\r\n]+', ' '), '[#;"<>&:`{}%[%]()|\\%%]', entity)
  return escaped
end

return diagram
