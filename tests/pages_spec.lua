--- pages_spec: READMEs name what there is: every room and example, links that lead somewhere,
--- verbs and options that the program knows.

local walk = require "tests.tools.pages"
local program = require "aot.program"
local shell = require "tests.tools.shell"
local system = require "aot.system"

local function pages()
  local list = {}
  for path in shell.must({ "find", ".", "-path", "./build", "-prune", "-o", "-name", "*.md",
    "-print" }, { folder = program.root }):gmatch "%./([^\n]+)" do
    list[#list + 1] = { path = path, text = shell.read(program.root .. "/" .. path) }
  end
  return list
end

-- The folders of `room` that the table in its README does not have.
local function unlisted(room)
  local text, missing = shell.read(("%s/%s/README.md"):format(program.root, room)), {}
  for _, name in ipairs(system.entries(program.root .. "/" .. room)) do
    local folder = system.kind(("%s/%s/%s"):format(program.root, room, name)) == "folder"
    if folder and not text:find("`" .. name .. "/", 1, true) then
      missing[#missing + 1] = name
    end
  end
  table.sort(missing)
  return missing
end

-- What the program says about itself, by verb.
local function verbs()
  local general = shell.must { program.path, "--help" }
  local known = { [""] = general }
  for verb in general:gmatch "\n  (%l+) +%l" do
    known[verb] = shell.must { program.path, verb, "--help" }
  end
  return known
end

-- The command lines of aotlua in a page: { line, verb, words }, compile where no verb is said.
local function commands(text)
  local list = {}
  local function add(line)
    if line:find "^[%u-]" then return end
    local words = line:gsub(" #.*", "")
    list[#list + 1] = { line = line, verb = words:match "^(%l+)%f[%s\0]" or "compile",
      words = words }
  end
  text = text:gsub("\\\n", " ")
  for block in text:gmatch "\n```sh\n(.-)```" do
    for line in ("\n" .. block):gmatch "\naotlua ([^\n]*)" do add(line) end
  end
  for line in text:gmatch "\n    aotlua ([^\n]*)" do add(line) end
  for line in text:gmatch "`aotlua ([^`\n]*)`" do add(line) end
  return list
end

describe("the READMEs", function()
  it("list every example and every room of the tests", function()
    assert.same({}, unlisted "examples")
    assert.same({}, unlisted "tests")
  end)

  it("list every module of Lua", function()
    local text = shell.read(program.root .. "/lua/README.md")
    for _, file in ipairs(system.entries(program.root .. "/lua/aotlua")) do
      local name = file:match "^(.-)%.lua$"
      if name and name ~= "init" then
        assert.truthy(text:find("`" .. name .. "`") or text:find("`aotlua%." .. name .. "`"), name)
      end
    end
  end)

  it("link to what there is", function()
    local count = 0
    for _, page in ipairs(pages()) do
      local folder = program.root .. "/" .. (page.path:match "^(.*/)" or "")
      for link in page.text:gmatch "%]%(([^)]+)%)" do
        local file, heading = link:match "^([^#]*)#?(.*)$"
        local text = not link:find "^%l+:" and shell.read(file == "" and program.root .. "/"
          .. page.path or folder .. file)
        if text and heading ~= "" then
          local words = text:gsub("[`,.:]", ""):gsub(" ", "-"):lower()
          assert.truthy(words:find("\n#+%-" .. heading:gsub("%-", "%%-") .. "\n"), link)
        end
        count = count + 1
      end
    end
    assert.is_true(count > 10)
  end)

  it("show a recipe that computes what its op means: lua/aotlua/kernels/README.md", function()
    local folder <close> = shell.folder()
    walk.follow(program.root .. "/lua/aotlua/kernels/README.md", folder.path)
    shell.write(folder.path .. "/build.lua", ([[
require "aotlua".build {
  model = "%s/examples/digits/digits_int8.onnx", name = "digits", out = "out",
  kernels = { max_pool2d = dofile "max_pool2d.lua" },
}
]]):format(program.root))
    local said = shell.must({ program.path, "verify", "build.lua", "--per-layer" },
      { folder = folder.path })
    assert.matches("max_pool2d +ok", said)
  end)

  it("have command lines of verbs and options that the program knows", function()
    local known, count = verbs(), 0
    for _, page in ipairs(pages()) do
      for _, command in ipairs(commands(page.text)) do
        local where = page.path .. ": " .. command.line
        assert.truthy(known[command.verb], where)
        for option in command.words:gmatch "%f[%S](%-%-?%l[%l-]*)" do
          assert.truthy(known[command.verb]:find(" " .. option:gsub("%-", "%%-") .. "[ =,%[\n]"),
            where)
          count = count + 1
        end
      end
    end
    assert.is_true(count > 20)
  end)
end)
