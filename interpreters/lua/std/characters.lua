-- What a reader takes for one character. A part of the rules of Unicode (UAX 29), small enough to be the same in every language:
-- marks and joiners belong to what they follow, flags are pairs, line ends of two characters are one.

local ipairs = ipairs
local byte, gmatch = string.byte, string.gmatch
local pattern = utf8.charpattern

--- First and last of ranges of marks that belong to the character before.
local marks = {
  { 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x0900, 0x0903 },
  { 0x093a, 0x093c }, { 0x093e, 0x094f }, { 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff },
  { 0x1dc0, 0x1dff }, { 0x200c, 0x200d }, { 0x20d0, 0x20ff }, { 0x302a, 0x302f }, { 0x3099, 0x309a }, { 0xfe00, 0xfe0f },
  { 0xfe20, 0xfe2f }, { 0x1f3fb, 0x1f3ff }, { 0xe0020, 0xe007f }, { 0xe0100, 0xe01ef },
}
local joiner = 0x200d

local function is_mark(code)
  if code < 0x300 then return false end
  for _, range in ipairs(marks) do
    if code >= range[1] and code <= range[2] then return true end
  end
  return false
end

local function is_flag_letter(code) return code >= 0x1f1e6 and code <= 0x1f1ff end

local characters = {}

--- The code point of one encoded character; a text that is not UTF-8 gives numbers that mean nothing, and no error.
function characters.code(one)
  local first, second, third, fourth = byte(one, 1, 4)
  if first < 0x80 then return first end
  if first < 0xe0 then return (first & 0x1f) << 6 | (second or 0) & 0x3f end
  if first < 0xf0 then return (first & 0x0f) << 12 | ((second or 0) & 0x3f) << 6 | (third or 0) & 0x3f end
  return (first & 0x07) << 18 | ((second or 0) & 0x3f) << 12 | ((third or 0) & 0x3f) << 6 | (fourth or 0) & 0x3f
end

--- The characters of a text, as Unicode counts them.
function characters.code_points(text)
  local list = {}
  for one in gmatch(text, pattern) do list[#list + 1] = one end
  return list
end

--- The characters of a text, as a reader counts them.
function characters.of(text)
  local list, last, flag_letters = {}, nil, 0
  for one in gmatch(text, pattern) do
    local code = characters.code(one)
    local is_flag = is_flag_letter(code)
    local joins = last ~= nil
      and (
        is_mark(code)
        or (last == joiner and code > 0x7f)
        or (last == 0x0d and code == 0x0a)
        or (is_flag and flag_letters % 2 == 1)
      )
    if joins then list[#list] = list[#list] .. one else list[#list + 1] = one end
    flag_letters = is_flag and flag_letters + 1 or 0
    last = code
  end
  return list
end

return characters
