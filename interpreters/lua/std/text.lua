-- Texts: the same results in every language. Lengths count characters as a reader does.

local ipairs, math_type, rawget, tostring, type = ipairs, math.type, rawget, tostring, type
local find, format, gmatch, gsub, match, rep, sub =
  string.find, string.format, string.gmatch, string.gsub, string.match, string.rep, string.sub
local concat, min, move = table.concat, math.min, table.move
local characters, failure = require 'bulkhead.characters', require 'bulkhead.failure'
local words = require 'bulkhead.words'

--- Most steps of a distance: the product of both lengths. Most characters that are filled up.
local most_steps, most_padding = 25000000, 1000000

local text = {
  characters = characters.of,
  words = words.of,
  camel_case = words.camel_case,
  pascal_case = words.pascal_case,
  snake_case = words.snake_case,
  kebab_case = words.kebab_case,
  title_case = words.title_case,
  slug = words.slug,
}

--- Without blanks at the start, at the end, at both ends.
function text.trim_start(of) return (match(of, '^[ \t\n\r\v\f]*(.*)$')) end
function text.trim_end(of)
  local last = #of
  while last > 0 and find(of, '^[ \t\n\r\v\f]', last) do last = last - 1 end
  return sub(of, 1, last)
end
function text.trim(of) return text.trim_end(text.trim_start(of)) end

local function split_all(of, separator)
  if separator == '' then return characters.of(of) end
  local parts, from = {}, 1
  while true do
    local first, last = find(of, separator, from, true)
    if first == nil then break end
    parts[#parts + 1] = sub(of, from, first - 1)
    from = last + 1
  end
  parts[#parts + 1] = sub(of, from)
  return parts
end

--- Parts between separators; with a limit, the last part holds the rest. An empty separator parts characters.
function text.split(of, separator, limit)
  local parts = split_all(of, separator)
  if limit == nil or #parts <= limit then return parts end
  local rest = concat(parts, separator, limit)
  local kept = move(parts, 1, limit - 1, 1, {})
  kept[#kept + 1] = rest
  return kept
end

--- Lines, whatever ends them; a line end at the end begins no further line.
function text.lines(of)
  local all = split_all(gsub(gsub(of, '\r\n', '\n'), '\r', '\n'), '\n')
  if all[#all] == '' then all[#all] = nil end
  return all
end

--- How many characters it has.
function text.length(of) return #characters.of(of) end

local function padding(of, width, fill)
  local missing, filling = width - text.length(of), characters.of(fill or ' ')
  if missing <= 0 or #filling == 0 then return '' end
  if missing > most_padding then
    failure.raise('library.argument', 'a text is padded by at most ' .. most_padding .. ' characters')
  end
  return rep(concat(filling), missing // #filling) .. concat(filling, '', 1, missing % #filling)
end

--- Filled up at the start, at the end, to a width.
function text.pad_start(of, width, fill) return padding(of, width, fill) .. of end
function text.pad_end(of, width, fill) return of .. padding(of, width, fill) end

--- At most so many characters, the ending among them where some were taken away.
function text.truncate(of, width, ending)
  local list = characters.of(of)
  if #list <= width then return of end
  local tail = characters.of(ending or '…')
  local tail_length = min(#tail, width)
  return concat(list, '', 1, width - tail_length) .. concat(tail, '', 1, tail_length)
end

--- Lines of at most so many characters, broken between words; longer words stand alone. Paragraphs stay apart.
function text.wrap(of, width)
  local made = {}
  for _, paragraph in ipairs(split_all(of, '\n')) do
    local line, used = '', 0
    for word in gmatch(paragraph, '[^ \t]+') do
      local size = text.length(word)
      if line ~= '' and used + 1 + size > width then
        made[#made + 1] = line
        line, used = '', 0
      end
      used = used + size + (line == '' and 0 or 1)
      line = line == '' and word or line .. ' ' .. word
    end
    made[#made + 1] = line
  end
  return concat(made, '\n')
end

--- How many characters must be put in, taken out or changed to make one of the other (Levenshtein).
function text.levenshtein(one, other)
  local left, right = characters.of(one), characters.of(other)
  if #left * #right > most_steps then
    failure.raise(
      'library.argument',
      'the texts are too long to compare: ' .. #left .. ' and ' .. #right .. ' characters'
    )
  end
  local row = {}
  for column = 0, #right do row[column] = column end
  for index = 1, #left do
    local diagonal, character = row[0], left[index]
    row[0] = index
    for column = 1, #right do
      local above = row[column]
      local change = diagonal + (character == right[column] and 0 or 1)
      row[column] = min(change, above + 1, row[column - 1] + 1)
      diagonal = above
    end
  end
  return row[#right]
end

local function value_of(name, values)
  local value = values
  for _, part in ipairs(split_all(name, '.')) do
    if type(value) == 'table' then value = rawget(value, part) else value = nil end
  end
  local kind = type(value)
  if kind == 'string' then return value end
  -- A whole number is written without its point.
  if math_type(value) == 'float' and value % 1 == 0 and value > -2 ^ 53 and value < 2 ^ 53 then return format('%d', value) end
  if kind == 'number' or kind == 'boolean' then return tostring(value) end
  failure.raise('library.argument', 'the template names ' .. name .. ', which is no text, number or truth value')
end

--- Fills `{{name}}` and `{{a.b}}` with values.
function text.fill(template, values)
  local parts = split_all(template, '{{')
  local made = { parts[1] }
  for index = 2, #parts do
    local part = parts[index]
    local first, last = find(part, '}}', 1, true)
    if first == nil then
      made[#made + 1] = '{{' .. part
    else
      made[#made + 1] = value_of(text.trim(sub(part, 1, first - 1)), values) .. sub(part, last + 1)
    end
  end
  return concat(made)
end

return text
