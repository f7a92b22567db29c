--- house_examples_spec: how little it takes to say much: lines of the examples' scripts.

local program = require "aot.program"
local shell = require "tests.tools.shell"

-- All the scripts that it takes.
local short_scripts = {
  { what = "a fusion", most = 40, files = { "own_pass/fuse_products.lua" } },
  { what = "a naming policy", most = 40, files = { "own_names/names.lua" } },
  { what = "another order of lowering", most = 20, files = { "own_pass/late_clamp.lua" } },
  { what = "an accelerator", most = 150, files = { "own_accelerator/acme_npu.lua" } },
  { what = "another accelerator", most = 150, files = { "own_accelerator/bolt_dsp.lua" } },
  { what = "an elementwise op", most = 10, files = { "own_op/swish.lua" } },
}

-- Modules of the example's own that a script requires.
local function required(text, folder)
  local found = {}
  for name in text:gmatch "require%s*%(?%s*[\"']([%w_.]+)[\"']" do
    local path = folder .. name:gsub("%.", "/") .. ".lua"
    local file <close> = io.open(program.root .. "/examples/" .. path)
    if file then found[#found + 1] = path end
  end
  return found
end

describe("few lines of at most 100 columns", function()
  for _, case in ipairs(short_scripts) do
    it(("say %s: %d at most"):format(case.what, case.most), function()
      local count, files, seen = 0, table.move(case.files, 1, #case.files, 1, {}), {}
      while #files > 0 do
        local path = table.remove(files)
        local text = shell.read(program.root .. "/examples/" .. path)
        for line in (seen[path] and "" or text):gmatch "[^\n]+" do
          count = count + (line:find "%S" and 1 or 0)
          assert.is_true(#line <= 100, path .. ": " .. line)
        end
        for _, more in ipairs(seen[path] and {} or required(text, path:match "^.*/")) do
          files[#files + 1] = more
        end
        seen[path] = true
      end
      assert.is_true(count > 0 and count <= case.most, count .. " lines")
    end)
  end
end)
