--- pages: does what a page of documentation tells people to do.
--
-- A fenced block whose first line is a comment that begins with a file's name is that file; a block
-- of `sh` are commands, which must succeed.

local program = require "aot.program"
local shell = require "tests.tools.shell"

local pages = {}

-- What stands below a heading, to the next one.
local function section_of(text, heading)
  local start = assert(select(2, text:find("\n" .. heading .. "\n", 1, true)), heading)
  return text:sub(start, text:find("\n#+ %u", start))
end

--- The fenced blocks of a Markdown file in order: { language, name of its file, if any, text };
-- those below `heading` alone, where one is given.
function pages.blocks(path, heading)
  local list, page = {}, shell.read(path)
  if heading then page = section_of(page, heading) end
  for language, text in page:gmatch "\n```(%w*)\n(.-\n)```" do
    local name = text:match "^%W+([%w_/]+%.%w+)[%s:]"
    list[#list + 1] = { language = language, name = language ~= "sh" and name or nil, text = text }
  end
  return list
end

--- Writes the files into a folder and runs the commands there, with aotlua on the path; those
-- below `heading` alone, where one is given. Returns what each block of commands printed on
-- standard output.
function pages.follow(path, folder, heading)
  local printed = {}
  local paths = "PATH=" .. program.path:match "^(.*)/" .. ":" .. os.getenv "PATH"
  for _, block in ipairs(pages.blocks(path, heading)) do
    if block.name then
      shell.write(folder .. "/" .. block.name, block.text)
    elseif block.language == "sh" then
      shell.must({ "sh", "-ec", "exec >printed\n" .. block.text },
        { folder = folder, environment = { paths } })
      printed[#printed + 1] = shell.read(folder .. "/printed")
    end
  end
  return printed
end

return pages
