--[[ ---
name: citation-parser
version: 1.0.0
type: tool
description: Finds citations, BibTeX entries and APA lines in notes; tells which keys have no entry, and which entries nobody cites.
permissions:
  notes: [read]
--- ]]

-- Use: you write [@lovelace1843] in your notes and keep BibTeX entries in code blocks, and before you hand the text on you want
-- to know whether they fit together. It reads notes and changes none.

local host = host
local array = host.array

---@alias EntryForm "bibtex"|"apa"

---@class Citation
---@field key string
---@field line integer

---@class Entry
---@field key string
---@field form EntryForm
---@field type? string article, book and so on; BibTeX only
---@field authors string
---@field title string
---@field year string
---@field line integer

-- Lines of a text with what they are: prose, or the inside of a code block with its language. Inline code is blanked out.
local function _lines(text)
  local result, fence, language, number = {}, nil, nil, 0
  for line in (text .. '\n'):gmatch('(.-)\r?\n') do
    number = number + 1
    local mark, info = line:match('^%s*(```+)%s*(%S*)')
    if mark and fence == nil then
      fence, language = mark, info:lower()
    elseif mark and info == '' and #mark >= #fence then
      fence, language = nil, nil
    else
      local prose = fence == nil and line:gsub('`[^`]*`', function(code) return (' '):rep(#code) end) or line
      result[#result + 1] = { text = prose, code = language, number = number }
    end
  end
  return result
end

-- [@key], [@one; @two, p. 3], [see @key]
local function _citations_of(line, found)
  for inside in line.text:gmatch('%[([^%[%]]*@[^%[%]]*)%]') do
    for key in (' ' .. inside):gmatch('[^%w]@([%w][%w_:.%-]*)') do
      found[#found + 1] = { key = key:gsub('[.:%-]+$', ''), line = line.number }
    end
  end
end

-- The end of a value that begins at a brace or a quote, braces inside of it counted.
local function _closing(text, at)
  local quoted = text:sub(at, at) == '"'
  local depth = quoted and 0 or 1
  local place = at + 1
  while place <= #text do
    local found = text:find('[{}"\\]', place)
    if found == nil then return nil end
    local letter = text:sub(found, found)
    if letter == '\\' then
      found = found + 1
    elseif letter == '{' then
      depth = depth + 1
    elseif letter == '}' then
      depth = depth - 1
      if depth == 0 and not quoted then return found end
    elseif quoted and depth == 0 then
      return found
    end
    place = found + 1
  end
end

local function _plain(value)
  return (value:gsub('[{}]', ''):gsub('%s+', ' '):gsub('^ ', ''):gsub(' $', ''))
end

local function _fields_of(body)
  local fields, at = {}, 1
  while true do
    local from, to, name = body:find('([%a][%w_%-]*)%s*=%s*', at)
    if from == nil then return fields end
    local first = body:sub(to + 1, to + 1)
    local last
    if first == '{' or first == '"' then
      last = _closing(body, to + 1)
      if last == nil then return fields end
      fields[name:lower()] = _plain(body:sub(to + 2, last - 1))
    else
      last = (body:find('[,}\n]', to + 1) or #body + 1) - 1
      fields[name:lower()] = _plain(body:sub(to + 1, last))
    end
    at = last + 1
  end
end

local function _bibtex_of(text, first_line, found)
  local at = 1
  while true do
    local from, brace, kind, key = text:find('@(%a+)%s*{%s*([^%s,{}]+)%s*,', at)
    if from == nil then return end
    local open = text:find('{', from, true)
    local last = _closing(text, open) or #text
    local fields = _fields_of(text:sub(brace + 1, last - 1))
    local _, breaks = text:sub(1, from):gsub('\n', '')
    found[#found + 1] = {
      key = key,
      form = 'bibtex',
      type = kind:lower(),
      authors = fields.author or fields.editor or '',
      title = fields.title or '',
      year = fields.year or (fields.date or ''):match('%d%d%d%d') or '',
      journal = fields.journal,
      volume = fields.volume,
      number = fields.number,
      pages = fields.pages,
      publisher = fields.publisher,
      line = first_line + breaks,
    }
    at = last + 1
  end
end

-- Lovelace, A. A. (1843). Notes by the translator. *Scientific Memoirs, 3*, 666–731.
local function _apa_of(line, found)
  local authors, year, rest = line.text:match('^%s*[-*]?%s*(%u.-[%.%a])%s+%((%d%d%d%d)%a?%)%.%s+(.+)$')
  if authors == nil or not authors:find(',', 1, true) then return end
  local surname = authors:match('^([^,]+),'):lower():gsub('[^%w]', '')
  found[#found + 1] = {
    key = surname .. year,
    form = 'apa',
    authors = authors,
    title = (rest:match('^(.-)%.%s') or rest):gsub('[*_]', ''),
    year = year,
    line = line.number,
  }
end

local function _parse(text)
  local citations, entries = array {}, array {}
  local block, block_line
  local function close_block()
    if block ~= nil then _bibtex_of(table.concat(block, '\n'), block_line, entries) end
    block = nil
  end
  for _, line in ipairs(_lines(text)) do
    if line.code == nil then
      close_block()
      _citations_of(line, citations)
      _apa_of(line, entries)
    elseif line.code == 'bibtex' or line.code == 'bib' then
      if block == nil then block, block_line = {}, line.number end
      block[#block + 1] = line.text
    else
      close_block()
    end
  end
  close_block()
  return citations, entries
end

-- Every note of a folder, page by page.
local function _each_note(folder)
  local cursor, notes, at = nil, {}, 0
  return function()
    at = at + 1
    while notes[at] == nil do
      if cursor == false then return nil end
      local page = host.notes.list(folder, { cursor = cursor })
      notes, at, cursor = page.notes, 1, page.cursor or false
      if cursor == host.null then cursor = false end
    end
    return host.notes.read(notes[at].path)
  end
end

local function _sorted_keys(of)
  local keys = array {}
  for key in pairs(of) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- All of a folder: who cites what, and where each entry stands.
local function _survey(folder)
  local cited, entries, notes, count = {}, {}, 0, 0
  for note in _each_note(folder) do
    notes = notes + 1
    local citations, found = _parse(note.content)
    for _, citation in ipairs(citations) do
      count = count + 1
      local where = cited[citation.key] or {}
      cited[citation.key] = where
      where[note.path] = true
    end
    for _, entry in ipairs(found) do
      entry.note = note.path
      local known = entries[entry.key] or {}
      entries[entry.key] = known
      known[#known + 1] = entry
    end
  end
  return { cited = cited, entries = entries, notes = notes, citations = count }
end

local function _in_form(list, form)
  for _, entry in ipairs(list or {}) do
    if entry.form == form then return entry end
  end
end

---Finds the citations and the entries in a text.
---@param text string Markdown
---@return { citations: Citation[], entries: Entry[] }
---@risk read-only
function parse(text)
  local citations, entries = _parse(text)
  return { citations = citations, entries = entries }
end

---Holds the citations of a folder against its entries.
---@param folder? string the whole vault if left out
---@risk read-only
function check(folder)
  local found = _survey(folder)
  local missing, apa_only, unused, twice = array {}, array {}, array {}, array {}
  for _, key in ipairs(_sorted_keys(found.cited)) do
    local known = found.entries[key]
    if known == nil then
      missing[#missing + 1] = { key = key, notes = _sorted_keys(found.cited[key]) }
    elseif _in_form(known, 'bibtex') == nil then
      apa_only[#apa_only + 1] = { key = key, note = known[1].note, line = known[1].line }
    end
  end
  for _, key in ipairs(_sorted_keys(found.entries)) do
    local known = found.entries[key]
    if found.cited[key] == nil then unused[#unused + 1] = key end
    if #known > 1 then twice[#twice + 1] = key end
  end
  return {
    notes = found.notes,
    citations = found.citations,
    keys = #_sorted_keys(found.cited),
    missing = missing,
    apa_only = apa_only,
    unused = unused,
    twice = twice,
  }
end

-- "Lovelace, Ada Augusta and Menabrea, L." → "Lovelace, A. A., & Menabrea, L."
local function _apa_authors(authors)
  local people = {}
  for person in (authors .. ' and '):gmatch('(.-)%s+and%s+') do
    local surname, given = person:match('^([^,]+),%s*(.+)$')
    if surname == nil then
      people[#people + 1] = person
    else
      local initials = {}
      for letter in given:gmatch('(%u)[^%s]*') do initials[#initials + 1] = letter .. '.' end
      people[#people + 1] = surname .. ', ' .. table.concat(initials, ' ')
    end
  end
  local last = table.remove(people)
  if #people == 0 then return last end
  return table.concat(people, ', ') .. ', & ' .. last
end

local function _apa_source(entry)
  local pages = entry.pages and (', ' .. entry.pages:gsub('%-%-', '–')) or ''
  if entry.journal == nil then return entry.publisher or '' end
  local number = entry.number and ('(' .. entry.number .. ')') or ''
  local volume = entry.volume and (', ' .. entry.volume) or ''
  return '*' .. entry.journal .. volume .. '*' .. number .. pages
end

---The reference list of a folder in APA form: every cited key that has a BibTeX entry.
---@param folder? string the whole vault if left out
---@return string[]
---@risk read-only
function references(folder)
  local found, lines = _survey(folder), array {}
  for _, key in ipairs(_sorted_keys(found.cited)) do
    local entry = _in_form(found.entries[key], 'bibtex')
    if entry ~= nil then
      lines[#lines + 1] = ('%s (%s). %s. %s.'):format(_apa_authors(entry.authors), entry.year, entry.title, _apa_source(entry))
    end
  end
  return lines
end
