--- behaviours_spec: the tables of TVM's behaviours and defects in tests/README.md say what the
--- specs have. AOT_BLESS=1 rewrites their last columns.

local root = (require "aot.program").root
local shell = require "tests.tools.shell"

local readme = root .. "/tests/README.md"

local tables = {
  { heading = "What TVM's tests check", word = "tvm", prefix = "", count = 117 },
  { heading = "What TVM gets wrong", word = "defect", prefix = "D", count = 24 },
}

-- The text that names the cases of a spec: its own, and that of the tools it takes cases from;
-- where names are made, the list of them.
local function cases_of(path)
  local text = shell.read(path)
  if text:find "\"tvm %%[ds]" then
    return shell.must { (require "aot.program").path, "--busted", "--list", path }
  end
  for tool in text:gmatch "require \"tests%.tools%.([%w_]*programs)\"" do
    text = text .. shell.read(("%s/tests/tools/%s.lua"):format(root, tool))
  end
  return text
end

-- The specs whose cases name each number: { tvm = { [number] = { names } }, defect = ... }.
local function found()
  local specs, list = { tvm = {}, defect = {} }, shell.must { "grep", "-rlE",
    "\"(tvm|defect) [D0-9%]|_programs\"", root .. "/tests", "--include=*_spec.lua" }
  for path in list:gmatch "[^\n]+" do
    local name, seen = path:sub(#root + #"/tests/" + 1):gsub("%.lua$", ""), {}
    local function note(word, number)
      local of = specs[word]
      of[number] = of[number] or {}
      if not seen[word .. number] then table.insert(of[number], name) end
      seen[word .. number] = true
    end
    for title in cases_of(path):gmatch "[^\n]+" do
      for numbers in title:gmatch "tvm (%d[%d, ]*)" do
        for number in numbers:gmatch "%d+" do note("tvm", math.tointeger(number)) end
      end
      for number in title:gmatch "defect D(%d+)" do note("defect", math.tointeger(number)) end
    end
  end
  return specs
end

local function where(names)
  table.sort(names)
  local quoted = {}
  for i, name in ipairs(names) do quoted[i] = "`" .. name .. "`" end
  return table.concat(quoted, ", ")
end

-- The section with its last column as it should be, and the numbers that nobody has.
local function corrected(section, info, specs)
  local missing, number = {}, 0
  local text = section:gsub("\n| (D?%d+) | ([^|\n]+) | ([^|\n]*) |", function(label, what, now)
    number = number + 1
    assert.equal(info.prefix .. number, label)
    local right = specs[number] and where(specs[number]) or now:find "^left out: " and now or "?"
    if right == "?" then missing[#missing + 1] = label end
    return ("\n| %s | %s | %s |"):format(label, what, right)
  end)
  assert.equal(info.count, number)
  return text, missing
end

describe("the tables of TVM's behaviours", function()
  it("name the specs that have each, or why none has", function()
    local text, specs = shell.read(readme), found()
    local right, missing = text, {}
    for _, info in ipairs(tables) do
      local first, last = text:find("\n## " .. info.heading .. "\n.-\n## ")
      local section, lacking = corrected(text:sub(first, last), info, specs[info.word])
      right = right:gsub("\n## " .. info.heading .. "\n.-\n## ", function() return section end)
      table.move(lacking, 1, #lacking, #missing + 1, missing)
    end
    assert.same({}, missing)
    if os.getenv "AOT_BLESS" == "1" then shell.write(readme, right) end
    assert.equal(right, shell.read(readme))
  end)
end)
