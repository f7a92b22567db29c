--- build: two networks in one program; or any that its arguments name: `aotlua build.lua A B ...`.
--
-- Without arguments: the digits networks, int8 and fp32, beside main.c. With them: a main.c that
-- runs each once is written too, to start from.

local aot = require "aotlua"

local given, models = { ... }, {}
for index, path in ipairs(given) do
  local stem = path:match "([^/]*)%.%w+$" or path
  local name = stem:gsub("[^%w]+", "_"):gsub("^%A*", ""):gsub("_$", ""):sub(1, 30)
  models[index] = { model = path:find "^/" and path or "./" .. path, name = name }
end

aot.application {
  name = "two_models",
  out = "../../build/two_models/model",
  models = #given > 0 and models or {
    { model = "../digits/digits_int8.onnx", name = "small" },
    { model = "../digits/digits_fp32.onnx", name = "exact" },
  },
  share = "exclusive", -- main.c runs one after the other
  operators = "shared",
  example = #given > 0,
}
