--- archive_application_spec: an application's archive holds its models and what they share.

local archive = require "aotlua.archive"
local command = require "tests.tools.command"
local library = require "tests.tools.library"
local shell = require "tests.tools.shell"

local function model(name, op)
  return ([[
module %s
graph @main(%%x : f32[2, 3]) {
  %%y = %s %%x : f32[2, 3]
  %%z = concat %%y, %%x { axis = 1 } : f32[2, 6]
  return %%z
}
]]):format(name, op)
end

local script = [[
require "aotlua".application { name = "app", share = "exclusive", operators = "shared",
  models = { { model = "one.ir" }, { model = "two.ir" } }, %s }
]]

local main = [[
#include "tvmgen_app.h"
int main(void)
{
    const float x[6] = { 1.0f, -2.0f, 3.0f, -4.0f, 5.0f, -6.0f };
    float a[12], b[12];
    const struct tvmgen_one_inputs in = { x };
    const struct tvmgen_one_outputs out = { a };
    const struct tvmgen_two_inputs in_two = { x };
    const struct tvmgen_two_outputs out_two = { b };
    if (tvmgen_one_run(&in, &out) != 0 || tvmgen_two_run(&in_two, &out_two) != 0)
        return 1;
    return a[1] > 1.9f && b[1] > 1.9f && b[1] < 2.1f && a[3] > 0.9f && b[9] < -3.9f ? 0 : 2;
}
]]

describe("an application's archive", function()
  it("builds from what it holds alone, beside the folder or without", function()
    local folder <close> = setmetatable({ made = command.folder() }, {
      __close = function(self) self.made:close() end })
    local place = folder.made
    place:write("one.ir", model("one", "abs"))
    place:write("two.ir", model("two", "neg"))
    place:write("build.lua", script:format 'mlf = "app.tar", out = "app"')
    local code, said = place:run { "build.lua" }
    assert.equal(0, code, said)
    local read = archive.read(place.path .. "/app.tar")
    for path, bytes in pairs(shell.files(place.path .. "/app/include")) do -- order: irrelevant
      local room = path:find "^aotrt_" and "runtime/include/" or "codegen/host/include/"
      assert.equal(bytes, library.text(read, room .. path))
    end
    assert.is_truthy(read.files["src/app.symbols.json"] and read.files["src/one.symbols.json"])
    place:write("main.c", main)
    library.build(place.path .. "/app.tar", "one", place.path)
    assert.equal(0, (shell.run { place.path .. "/main" }))
    place:write("build.lua", script:format 'mlf = "again.tar"')
    assert.equal(0, (place:run { "build.lua" }))
    assert.equal(place:read "app.tar", place:read "again.tar")
  end)
end)
