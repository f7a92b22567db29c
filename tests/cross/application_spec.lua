--- application_spec: several models in one firmware image for a Cortex-M, with the right answers.

local applications = require "tests.tools.applications"
local cross = require "tests.tools.cross"

local models = {
  { name = "Foo", path = applications.digits:format "int8", target = "cortex_m4" },
  { name = "foo", path = applications.digits:format "fp32", target = "cortex_m4" },
  { name = "a", text = applications.conv, target = "cortex_m4" },
  { name = "a_b", text = applications.counter, target = "cortex_m4" },
}

describe("an application on a Cortex-M4", function()
  local missing = cross.missing "cortex_m4"
  -- main is allowed two forms; the start-up code passes arguments to either
  for _, flags in ipairs { {}, { "-flto", "-Wno-lto-type-mismatch" } } do
    it("is right, models that share and that do not " .. (flags[1] or ""), function()
      if missing then pending(missing) end
      for _, plan in ipairs { { share = "exclusive", operators = "shared" },
                              { share = "concurrent", operators = "own" } } do
        plan.name = "app"
        local files, record = applications.compile(models, plan)
        local code, said = cross.run("cortex_m4", { files = files,
          main = applications.caller(models, record), flags = flags })
        assert.same({ 0, "" }, { code, said })
      end
    end)
  end
end)
