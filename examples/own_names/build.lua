--- build: two networks with the names of Acme's camera team; an argument says where to.

local aot = require "aotlua"

local out = ... or "../../build/own_names"
for _, form in ipairs { "int8", "fp32" } do
  aot.build {
    model = ("../digits/digits_%s.onnx"):format(form),
    name = form == "int8" and "digits" or "exact",
    names = "names.lua",
    set = { files = "single" }, -- all in one source: what is not called from outside is static
    out = out .. "/" .. form,
  }
end
