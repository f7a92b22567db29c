--- options_spec: calls with tensors go together with whatever else there is to choose.

local generated = require "tests.tools.generated"
local matrix = require "tests.tools.matrix"
local shell = require "tests.tools.shell"

local CHOICES = {
  { memory = "internal", set = { files = "single" } },
  { memory = "internal", set = { files = "single", arena = "separate" } },
  { memory = "internal", set = { constants = "pool" } },
  { memory = "internal", set = { weights = "incbin" } },
  { memory = "caller", set = { files = "single", constants = "pool" } },
}

local function describe_choice(choice)
  local words = {}
  for key, value in pairs(choice.set) do words[#words + 1] = key .. "=" .. value end -- order: below
  table.sort(words)
  return ("memory %s, %s"):format(choice.memory, table.concat(words, ", "))
end

-- The functions that others see of what `files` compile to, one line each.
local function exported(files)
  local folder <close> = shell.folder()
  local paths = {}
  for path, content in pairs(files) do -- order: irrelevant, each is a file
    local name = path:match "[^/]*$"
    if name:find "%.[ch]$" then shell.write(folder.path .. "/" .. name, content) end
    paths[#paths + 1] = name:find "%.c$" and name or nil
  end
  local found = {}
  for _, path in ipairs(paths) do
    shell.must({ "gcc", "-std=c99", "-c", path, "-o", "it.o" }, { folder = folder.path })
    for name in shell.must({ "nm", "it.o" }, { folder = folder.path }):gmatch " [^Utrbd] (%S+)" do
      found[#found + 1] = name
    end
  end
  table.sort(found)
  return found
end

describe("calls with tensors", function()
  for number, choice in ipairs(CHOICES) do
    for _, interface in ipairs { "c", "packed" } do
      it(("give right answers: interface %s, %s"):format(interface, describe_choice(choice)),
        function()
          local files, main = matrix.program({ interface = interface, calls = "packed",
            pointers = "typed", memory = choice.memory, models = 3, set = choice.set }, "c")
          assert.same({ 0, "" }, { generated.build_and_run(number % 2 == 0 and "gcc" or "clang",
            files, main, { "-O0" }) })
        end)
    end
  end

  it("show only what the header declares where there is one source", function()
    local _, files = generated.compiled({ files = "single" }, nil,
      { kind = "packed", calls = "packed" })
    assert.same({ "tvmgen_kws_function", "tvmgen_kws_input_index", "tvmgen_kws_metadata",
      "tvmgen_kws_output_index", "tvmgen_kws_reset", "tvmgen_kws_restore", "tvmgen_kws_run",
      "tvmgen_kws_save" }, exported(files))
  end)
end)
