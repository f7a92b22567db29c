--- program_spec: the program runs its own scripts, whatever the environment and folder hold.

local data, program, system = require "aot.data", require "aot.program", require "aot.system"

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1; echo $?"))
  local text = pipe:read "a"
  pipe:close()
  return text
end

describe("the program", function()
  local folder = system.temporary_folder()
  teardown(function() system.remove(folder) end)

  it("ignores LUA_PATH, LUA_INIT and the current folder", function()
    system.make_folders(folder .. "/aotlua")
    for _, name in ipairs { "aotlua/cli.lua", "lpeg.lua" } do
      data.write(folder .. "/" .. name, "error 'not ours'")
    end
    local text = run(("cd '%s' && LUA_PATH='%s/?.lua' LUA_PATH_5_4='%s/?.lua' LUA_INIT='error(1)'"
      .. " '%s' --version"):format(folder, folder, folder, program.path))
    assert.equal("aotlua " .. program.version .. "\n0\n", text)
  end)

  it("knows where its scripts are", function()
    for _, name in ipairs { "lua", "passes", "targets", "runtime" } do
      assert.equal("folder", system.kind(program.root .. "/" .. name))
    end
  end)
end)
