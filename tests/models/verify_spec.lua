--- Compiled models give the expected numbers: strictly compiled, sanitized, by either compiler,
--- with memory of their own or the caller's.

local models = require "tests.tools.models"

local FORMS = {
  { "as they come", {} },
  { "with sanitizers", { "--sanitize" } },
  { "by clang, with sanitizers", { "--sanitize" }, { "CC=clang" } },
  { "with the caller's workspace", { "--set", "workspace=caller" } },
}

local function verify(model, form)
  local words = { "verify", model.path }
  for _, more in ipairs { model.data, form[2] } do
    table.move(more, 1, #more, #words + 1, words)
  end
  models.must(words, { environment = form[3] })
end

describe("models agree with their data", function()
  local wide, missing = models.list { all = true }
  if missing then it("of all kinds", function() pending(missing) end) end
  for number, form in ipairs(FORMS) do
    local list = number == 1 and wide or models.list()
    for _, model in ipairs(list) do
      it(("%s: %s"):format(form[1], model.name), function() verify(model, form) end)
    end
  end
end)
