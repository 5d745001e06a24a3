---@meta bulkhead.text

-- The module `bulkhead.text` for the Lua language server; it is never run.

---Texts: the same results in every language. Lengths count characters as a reader does.
---@class bulkhead.text
local text = {}

---The characters, as a reader counts them.
---@param of string
---@return string[]
function text.characters(of) end

---Words: parted by what is neither letter nor digit, and where an upper case letter begins one.
---@param of string
---@return string[]
function text.words(of) end

---`someName`.
---@param of string
---@return string
function text.camel_case(of) end

---`SomeName`.
---@param of string
---@return string
function text.pascal_case(of) end

---`some_name`.
---@param of string
---@return string
function text.snake_case(of) end

---`some-name`.
---@param of string
---@return string
function text.kebab_case(of) end

---`Some Name`.
---@param of string
---@return string
function text.title_case(of) end

---Lower case, Latin letters without their marks, anything between words as one hyphen: for file names and addresses.
---@param of string
---@return string
function text.slug(of) end

---Without blanks at the start.
---@param of string
---@return string
function text.trim_start(of) end

---Without blanks at the end.
---@param of string
---@return string
function text.trim_end(of) end

---Without blanks at both ends.
---@param of string
---@return string
function text.trim(of) end

---Parts between separators; with a limit, the last part holds the rest. An empty separator parts characters.
---@param of string
---@param separator string
---@param limit? integer
---@return string[]
function text.split(of, separator, limit) end

---Lines, whatever ends them; a line end at the end begins no further line.
---@param of string
---@return string[]
function text.lines(of) end

---How many characters it has.
---@param of string
---@return integer
function text.length(of) end

---Filled up at the start to a width, with blanks unless told otherwise.
---@param of string
---@param width integer
---@param fill? string
---@return string
function text.pad_start(of, width, fill) end

---Filled up at the end to a width, with blanks unless told otherwise.
---@param of string
---@param width integer
---@param fill? string
---@return string
function text.pad_end(of, width, fill) end

---At most so many characters, the ending (`…`) among them where some were taken away.
---@param of string
---@param width integer
---@param ending? string
---@return string
function text.truncate(of, width, ending) end

---Lines of at most so many characters, broken between words; longer words stand alone. Paragraphs stay apart.
---@param of string
---@param width integer
---@return string
function text.wrap(of, width) end

---How many characters must be put in, taken out or changed to make one of the other (Levenshtein).
---@param one string
---@param other string
---@return integer
function text.levenshtein(one, other) end

---Fills `{{name}}` and `{{a.b}}` with values. Raises `library.argument` where there is none.
---@param template string
---@param values table
---@return string
function text.fill(template, values) end

return text
