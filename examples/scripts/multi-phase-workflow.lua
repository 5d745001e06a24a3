--[[ ---
name: multi-phase-workflow
version: 1.0.0
type: tool
description: A literature review in phases over the reading notes of a vault, kept so that it goes on where it was.
permissions:
  notes: [read, write]
  storage: true
--- ]]

-- Use: collect the reading notes, screen them, take claims and open questions out of them side by side, draft a review, publish it
-- as a note. Each phase is a task of a workflow; what is done is kept, so that a run that was stopped does not begin again. When
-- publishing fails for good, the note that was written goes to the trash: nothing half done is left.

local host = host
local workflow = require 'bulkhead.workflow'
local array = host.array

local function _each(folder)
  local notes, cursor = {}, nil
  repeat
    local page = host.notes.list(folder, { cursor = cursor })
    for _, note in ipairs(page.notes) do notes[#notes + 1] = note.path end
    cursor = page.cursor
  until cursor == nil or cursor == host.null
  return notes
end

local function _front(note) return type(note.frontmatter) == 'table' and note.frontmatter or {} end

local function _has_tag(note, tag)
  for _, one in ipairs(note.tags) do
    if one == tag or one == '#' .. tag then return true end
  end
  return false
end

local function _name_of(path) return path:match('([^/]+)%.md$') or path end

-- Many reads at once: the host answers them side by side.
local function _read_all(paths)
  local calls = {}
  for index, path in ipairs(paths) do calls[index] = { 'notes.read', { path = path } } end
  return host.all(calls)
end

local function _collect(context)
  local papers, questions = array {}, array {}
  for _, note in ipairs(_read_all(_each(context.input.folder))) do
    local front = _front(note)
    local entry = { path = note.path, title = note.title, year = front.year, status = front.status, rating = front.rating }
    if _has_tag(note, 'paper') then papers[#papers + 1] = entry end
    if _has_tag(note, 'question') then questions[#questions + 1] = entry end
  end
  table.sort(papers, function(a, b)
    if (a.year or 0) ~= (b.year or 0) then return (a.year or 0) < (b.year or 0) end
    return a.path < b.path
  end)
  return { papers = papers, questions = questions }
end

-- Only what was read to the end goes into the review, and only what was found worth it.
local function _screen(context)
  local kept, left_out = array {}, array {}
  for _, paper in ipairs(context.results.collect.papers) do
    local why = paper.status ~= 'read' and ('status is ' .. tostring(paper.status))
      or (paper.rating or 0) < context.input.least_rating and ('rating is ' .. tostring(paper.rating))
    if why then left_out[#left_out + 1] = { path = paper.path, why = why }
    else kept[#kept + 1] = paper end
  end
  if #kept == 0 then error('no paper is left after the screening', 0) end
  return { kept = kept, left_out = left_out }
end

-- Claims are the points of a list; the citation is the first that the note has.
local function _claims(context)
  local paths, claims = {}, array {}
  for index, paper in ipairs(context.results.screen.kept) do paths[index] = paper.path end
  for _, note in ipairs(_read_all(paths)) do
    local key = note.content:match('%[(@[%w:_%-]+)')
    local points = array {}
    for point in note.content:gmatch('\n%s?%s?[%-%d][%.]?%s+([^\n]+)') do points[#points + 1] = (point:gsub('%s*%^[%w%-]+$', '')) end
    claims[#claims + 1] = { note = _name_of(note.path), key = key, points = points }
  end
  return claims
end

local function _questions(context)
  local open = array {}
  for _, question in ipairs(context.results.collect.questions) do
    if question.status == 'open' then
      local links = host.notes.backlinks(question.path)
      open[#open + 1] = { note = _name_of(question.path), title = question.title, asked_by = #links }
    end
  end
  table.sort(open, function(a, b)
    if a.asked_by ~= b.asked_by then return a.asked_by > b.asked_by end
    return a.note < b.note
  end)
  return open
end

local function _draft(context)
  local results, lines = context.results, {}
  local function add(line, ...) lines[#lines + 1] = select('#', ...) == 0 and line or line:format(...) end
  add('---\ntags: [review]\nsources: %d\n---', #results.screen.kept)
  add('# Review of %s\n', context.input.folder)
  add('| year | note | rating |\n| --- | --- | --- |')
  for _, paper in ipairs(results.screen.kept) do
    add('| %s | [[%s]] | %s |', tostring(paper.year or ''), _name_of(paper.path), tostring(paper.rating or ''))
  end
  add('\n## What they say\n')
  for _, claim in ipairs(results.claims) do
    for _, point in ipairs(claim.points) do add('- %s%s', point, claim.key and (' [' .. claim.key .. ']') or '') end
  end
  add('\n## Open\n')
  for _, question in ipairs(results.questions) do add('- [[%s]], linked from %d places', question.note, question.asked_by) end
  return table.concat(lines, '\n') .. '\n'
end

-- A diff as a list of lines, which reads well as JSON.
local function _lines_of(diff)
  local lines = array {}
  for line in (diff or ''):gmatch('[^\n]+') do lines[#lines + 1] = line end
  return lines
end

local function _publish(context)
  local answer = host.notes.write(context.input.note, context.results.draft, {
    mode = 'create',
    dryRun = not context.input.write,
    diff = true,
  })
  return { note = context.input.note, diff = _lines_of(answer.diff), written = context.input.write }
end

-- A review that leads nowhere is no review: every link in it must lead to a note.
local function _verify(context)
  if not context.input.write then return { links = 0 } end
  local links = host.notes.forward_links(context.input.note)
  local broken = array {}
  for _, link in ipairs(links) do
    if link.path == nil or link.path == host.null then broken[#broken + 1] = link.link end
  end
  if #broken > context.input.most_broken then
    error(('the review has %d links that lead nowhere: %s'):format(#broken, table.concat(broken, ', ')), 0)
  end
  return { links = #links, broken = broken }
end

local function _unpublish(context)
  if context.result.written then host.notes.delete(context.result.note) end
end

local tasks = {
  { name = 'collect', run = _collect, retry = { attempts = 3, backoff_ms = 50 } },
  { name = 'screen', needs = { 'collect' }, run = _screen },
  { name = 'claims', needs = { 'screen' }, run = _claims, timeout_ms = 10000 },
  { name = 'questions', needs = { 'collect' }, run = _questions, timeout_ms = 10000 },
  { name = 'draft', needs = { 'claims', 'questions' }, run = _draft },
  { name = 'publish', needs = { 'draft' }, run = _publish, compensate = _unpublish },
  { name = 'verify', needs = { 'publish' }, run = _verify },
}
local review_of = workflow.define { name = 'review', tasks = tasks }

---Reviews the reading notes of a folder. A dry run unless `write` is true.
---@param folder string
---@param note string the note to write; it must not be there yet
---@param options? { write?: boolean, least_rating?: integer, most_broken?: integer, key?: string }
---@risk write
function review(folder, note, options)
  local given = options or {}
  local input = {
    folder = folder,
    note = note,
    write = given.write == true,
    least_rating = given.least_rating or 4,
    most_broken = given.most_broken or 10,
  }
  local ran = 0
  local report = review_of:run {
    input = input,
    concurrency = 4,
    key = given.key,
    progress = function(event)
      if event.status == 'started' then ran = ran + 1 end
    end,
  }
  local phases = array {}
  for _, task in ipairs(tasks) do phases[#phases + 1] = task.name .. ': ' .. report.tasks[task.name].status end
  local failed = report.failed and report.tasks[report.failed].error
  return {
    ok = report.ok,
    phases = phases,
    ran = ran,
    why = failed and failed.message or nil,
    left_out = report.results.screen and report.results.screen.left_out,
    diff = report.results.publish and report.results.publish.diff,
  }
end

---The phases as a Mermaid diagram.
---@return string
---@risk read-only
function diagram() return review_of:to_mermaid() end
