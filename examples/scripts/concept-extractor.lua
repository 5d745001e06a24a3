--[[ ---
name: concept-extractor
version: 1.0.0
type: tool
description: Finds what a vault talks about without linking it, and sets the links. Shows what it would change before it does.
permissions:
  notes: [read, write]
--- ]]

-- Use: after some months a vault names things that it has a note for, without a link; and names other things often that have no
-- note yet. `unlinked` and `missing` look, `link` sets links: as a dry run with a diff unless told otherwise.

local host = host
local array = host.array

-- Words that begin a sentence more often than they name something.
local stop = {}
for word in ([[a an and are as at be because but by can compare could do does each every everybody first for from good had has have he
  her here his how i if in into is it its kept knows let look most much nine no nobody not nothing now of on once one only open or our
  out over part planned said see seen she so some somebody start such ten that the their them then there these they this those three to
  two until up use useful wants was water we were what when where which while who why will with would you your fears voice hides four
  five six seven eight all also any before after both broken done found found-in needs next read reading related roll round step
  treasure reward ally secret rivals quarter]]):gmatch('%S+') do
  stop[word] = true
end

-- What is no prose is blanked out, so that places in the text stay the same: frontmatter, code, links, headings, comments.
local function _prose(content)
  local function blank(text) return (text:gsub('[^\n]', '\0')) end
  local text = content
  local _, last = text:find('^%-%-%-\r?\n.-\n%-%-%-\r?\n')
  if last ~= nil then text = blank(text:sub(1, last)) .. text:sub(last + 1) end
  for _, pattern in ipairs {
    '```.-```', '`[^`\n]*`', '%$%$.-%$%$', '%%%%.-%%%%', '!?%[%[[^%]\n]*%]%]', '!?%[[^%]\n]*%]%([^)\n]*%)', '%[[^%]\n]*%]',
    'https?://%S+',
  } do
    text = text:gsub(pattern, blank)
  end
  return (('\n' .. text):gsub('\n#+ [^\n]*', blank):sub(2))
end

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

local function _name_of(path) return path:match('([^/]+)%.md$') or path end

-- The names by which a note may be mentioned: its file's name and its aliases. Short ones would be found everywhere.
local function _names_of(note)
  local names = { _name_of(note.path) }
  local aliases = type(note.frontmatter) == 'table' and note.frontmatter.aliases
  for _, alias in ipairs(type(aliases) == 'table' and aliases or {}) do
    if type(alias) == 'string' then names[#names + 1] = alias end
  end
  local long = {}
  for _, name in ipairs(names) do
    if #name >= 4 and name:find('%u') then long[#long + 1] = name end
  end
  return long
end

local function _read_all(folder)
  local notes = {}
  for note in _each_note(folder) do
    notes[#notes + 1] = { path = note.path, content = note.content, version = note.version, prose = _prose(note.content), names = _names_of(note) }
  end
  return notes
end

-- Words of a text in runs of capitals that only a space parts: "Liverpool Tidal Institute". Each is given with whether a sentence
-- may begin at it, for then its capital says nothing.
local word_letters = '[%w\128-\255_]'
local function _runs(prose)
  local runs, run, last = {}, nil, 0
  for from, word, after in prose:gmatch("()(" .. word_letters .. "+[%w\128-\255_'%-]*)()") do
    local between = prose:sub(last + 1, from - 1)
    if not word:find('^%u') then
      run = nil
    elseif run ~= nil and between == ' ' then
      run[#run + 1] = word
    else
      run = { word, starts = last == 0 or between:find('[^ ,;(\'\128-\255]') ~= nil }
      runs[#runs + 1] = run
    end
    last = after - 1
  end
  return runs
end

-- Names in a text and how often they stand in it. One word counts only where no sentence begins.
local function _phrases(prose)
  local found = {}
  for _, run in ipairs(_runs(prose)) do
    local starts = run.starts
    while run[1] ~= nil and stop[run[1]:lower()] do
      table.remove(run, 1)
      starts = false
    end
    local name = table.concat(run, ' '):gsub("'s?$", '')
    if #run >= 2 or (#run == 1 and not starts and #name >= 4) then found[name] = (found[name] or 0) + 1 end
  end
  return found
end

-- All names by their first word, so that one walk over a text finds what it mentions, however many notes there are.
local function _by_first_word(notes)
  local names = {}
  for _, note in ipairs(notes) do
    for _, name in ipairs(note.names) do
      local first = name:match(word_letters .. '+')
      if first ~= nil and name:sub(1, #first) == first then
        names[first] = names[first] or {}
        table.insert(names[first], { name = name, note = note })
      end
    end
  end
  return names
end

-- The longest name that stands at a place of a text.
local function _name_at(prose, from, candidates)
  local longest
  for _, candidate in ipairs(candidates) do
    local to = from + #candidate.name - 1
    local fits = prose:sub(from, to) == candidate.name and not prose:find('^' .. word_letters, to + 1)
    if fits and (longest == nil or to > longest.to) then
      longest = { note = candidate.note, name = candidate.name, from = from, to = to }
    end
  end
  return longest
end

-- The first mention of each other note in a note, in the order of the text. What is a part of a longer name is no mention.
local function _mentions(note, names)
  local found, seen, last = {}, { [note] = true }, 0
  for from, word in note.prose:gmatch('()(' .. word_letters .. '+)') do
    local mention = from > last and names[word] and _name_at(note.prose, from, names[word])
    if mention then
      last = mention.to
      if not seen[mention.note] then found[#found + 1] = mention end
      seen[mention.note] = true
    end
  end
  return found
end

-- Which note links to which, as one set of "from\0to".
local function _links()
  local graph, links = host.notes.graph {}, {}
  for _, edge in ipairs(graph.edges) do links[graph.nodes[edge[1] + 1] .. '\0' .. graph.nodes[edge[2] + 1]] = true end
  return links
end

-- Notes anywhere may be named; only those below the folder are looked through. A note that links there already is left alone.
local function _proposals(folder)
  local notes, links, proposals = _read_all(), _links(), {}
  local names = _by_first_word(notes)
  for _, note in ipairs(notes) do
    local mentions = {}
    if folder == nil or note.path:sub(1, #folder + 1) == folder .. '/' then
      for _, mention in ipairs(_mentions(note, names)) do
        if not links[note.path .. '\0' .. mention.note.path] then mentions[#mentions + 1] = mention end
      end
    end
    if #mentions > 0 then proposals[#proposals + 1] = { note = note, mentions = mentions } end
  end
  return proposals
end

-- A diff as a list of lines, which reads well as JSON.
local function _lines_of(diff)
  local lines = array {}
  for line in (diff or ''):gmatch('[^\n]+') do lines[#lines + 1] = line end
  return lines
end

local function _line_at(text, at)
  local _, breaks = text:sub(1, at):gsub('\n', '')
  return breaks + 1
end

---Mentions of notes that are not links yet.
---@param folder? string only notes below it
---@return { note: string, line: integer, name: string, target: string }[]
---@risk read-only
function unlinked(folder)
  local result = array {}
  for _, proposal in ipairs(_proposals(folder)) do
    for _, mention in ipairs(proposal.mentions) do
      result[#result + 1] = {
        note = proposal.note.path,
        line = _line_at(proposal.note.content, mention.from),
        name = mention.name,
        target = mention.note.path,
      }
    end
  end
  return result
end

---Names that turn up in several notes and have no note of their own, the most telling first.
---@param folder? string only notes below it
---@param least? integer in how many notes a name must stand (2)
---@risk read-only
function missing(folder, least)
  local notes = _read_all(folder)
  local known, seen = {}, {}
  for _, note in ipairs(notes) do
    for _, name in ipairs(note.names) do known[name:lower()] = true end
  end
  for _, note in ipairs(notes) do
    for name, count in pairs(_phrases(note.prose)) do
      local entry = seen[name] or { name = name, count = 0, notes = array {} }
      seen[name] = entry
      entry.count = entry.count + count
      entry.notes[#entry.notes + 1] = note.path
    end
  end
  local result = array {}
  for name, entry in pairs(seen) do
    local plain = name:lower()
    if #entry.notes >= (least or 2) and not known[plain] and not known['the ' .. plain] then
      -- Often, and not everywhere: the weight of a term in retrieval.
      entry.score = math.floor(entry.count * math.log(#notes / #entry.notes + 1) * 100) / 100
      table.sort(entry.notes)
      result[#result + 1] = entry
    end
  end
  table.sort(result, function(a, b)
    if a.score ~= b.score then return a.score > b.score end
    return a.name < b.name
  end)
  return result
end

---Makes links of the mentions in one folder. A dry run unless `write` is true.
---@param folder string notes below it are changed
---@param write? boolean
---@return { written: boolean, notes: { note: string, links: integer, diff: string[] }[] }
---@risk write
function link(folder, write)
  local changed = array {}
  for _, proposal in ipairs(_proposals(folder)) do
    local note, content = proposal.note, proposal.note.content
    -- From the end, so that places before stay where they are.
    for index = #proposal.mentions, 1, -1 do
      local mention = proposal.mentions[index]
      local target = _name_of(mention.note.path)
      local text = target == mention.name and target or target .. '|' .. mention.name
      content = content:sub(1, mention.from - 1) .. '[[' .. text .. ']]' .. content:sub(mention.to + 1)
    end
    -- With the version that was read: a note that somebody changed meanwhile is left as it is, and the call fails.
    local answer = host.notes.write(note.path, content, { ifVersion = note.version, dryRun = not write, diff = true })
    changed[#changed + 1] = { note = note.path, links = #proposal.mentions, diff = _lines_of(answer.diff) }
  end
  return { written = write == true, notes = changed }
end
