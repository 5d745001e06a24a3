-- Words of a text, and names made of them. Case is that of ASCII letters: other letters stay as they are, in every language.

local ipairs = ipairs
local find, gmatch, gsub, lower_bytes, sub, upper_bytes =
  string.find, string.gmatch, string.gsub, string.lower, string.sub, string.upper
local concat = table.concat
local characters = require 'bulkhead.characters'

local words = {}

local function is_separator(one)
  local code = characters.code(one)
  if code < 0x80 then return find(one, '^[A-Za-z0-9]') == nil end
  -- Latin-1 signs, general punctuation, CJK signs.
  return (code >= 0x80 and code <= 0xbf)
    or (code >= 0x2000 and code <= 0x206f)
    or (code >= 0x3000 and code <= 0x303f)
    or code == 0xd7
    or code == 0xf7
end

local function is_upper(one) return find(one, '^[A-Z]$') ~= nil end

local function lower(text) return (gsub(text, '[A-Z]+', lower_bytes)) end
local function upper(text) return (gsub(text, '[a-z]+', upper_bytes)) end

--- Words: parted by what is neither letter nor digit, and where an upper case letter begins one.
function words.of(text)
  local list, word = {}, ''
  local all = characters.code_points(text)
  for index, one in ipairs(all) do
    if is_separator(one) then
      if word ~= '' then list[#list + 1] = word end
      word = ''
    else
      local before, after = all[index - 1] or '', all[index + 1] or ''
      -- `fooBar` and `HTTPServer`.
      local begins = is_upper(one)
        and word ~= ''
        and (not is_upper(before) or (after ~= '' and not is_upper(after) and not is_separator(after) and find(after, '^%d') == nil))
      if begins then
        list[#list + 1] = word
        word = ''
      end
      word = word .. one
    end
  end
  if word ~= '' then list[#list + 1] = word end
  return list
end

local function capital(word) return upper(sub(word, 1, 1)) .. lower(sub(word, 2)) end

local function joined(text, separator, change, change_first)
  local list = words.of(text)
  for index, word in ipairs(list) do list[index] = (index == 1 and change_first or change)(word) end
  return concat(list, separator)
end

--- `someName`.
function words.camel_case(text) return joined(text, '', capital, lower) end
--- `SomeName`.
function words.pascal_case(text) return joined(text, '', capital) end
--- `some_name`.
function words.snake_case(text) return joined(text, '_', lower) end
--- `some-name`.
function words.kebab_case(text) return joined(text, '-', lower) end
--- `Some Name`.
function words.title_case(text) return joined(text, ' ', capital) end

--- Latin letters with what they are without their marks.
local folded = {}
for plain, letters in gmatch(
  'a:àáâãäåāăąÀÁÂÃÄÅĀĂĄ c:çćĉċčÇĆĈĊČ d:ďđðĎĐÐ e:èéêëēĕėęěÈÉÊËĒĔĖĘĚ g:ĝğġģĜĞĠĢ h:ĥħĤĦ i:ìíîïĩīĭįıÌÍÎÏĨĪĬĮİ j:ĵĴ k:ķĶ '
    .. 'l:ĺļľŀłĹĻĽĿŁ n:ñńņňÑŃŅŇ o:òóôõöøōŏőÒÓÔÕÖØŌŎŐ r:ŕŗřŔŖŘ s:śŝşšșŚŜŞŠȘ t:ţťŧțŢŤŦȚ u:ùúûüũūŭůűųÙÚÛÜŨŪŬŮŰŲ w:ŵŴ y:ýÿŷÝŸŶ '
    .. 'z:źżžŹŻŽ ss:ßẞ ae:æÆ oe:œŒ th:þÞ',
  '(%a+):(%S+)'
) do
  for _, letter in ipairs(characters.code_points(letters)) do folded[letter] = plain end
end

--- Lower case, Latin letters without their marks, anything between words as one hyphen: for file names and addresses.
function words.slug(text)
  local made, is_after_word = {}, false
  for _, one in ipairs(characters.code_points(text)) do
    local plain = folded[one] or one
    if plain ~= "'" and plain ~= '’' then
      if not is_separator(plain) then
        made[#made + 1] = lower(plain)
        is_after_word = true
      elseif is_after_word then
        made[#made + 1] = '-'
        is_after_word = false
      end
    end
  end
  if made[#made] == '-' then made[#made] = nil end
  return concat(made)
end

return words
