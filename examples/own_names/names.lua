--- names: how Acme's camera team calls what aotlua generates.
--
-- Types and functions are AcmeCamDigitsRun, macros CAM_K_DIGITS_IMAGE_SIZE, files
-- acme-cam-digits.h; what nobody calls is short: acme_cam_1f0c2b7a9d3e.

local spelling = require "aotlua.spelling"

local company, product = "acme", "cam"
local prefix = company .. "_" .. product .. "_"

-- `words` are `digits_run`, `digits_quantize_image`: the model, and what the symbol is of it;
-- those of two symbols are never the same, whatever the models are called.
local function pascal(words) return spelling.camel(prefix .. words) end

local function constant(words) return (product .. "_k_" .. words):upper() end

local function guard(words) return ("included_" .. prefix .. words:gsub("_$", "")):upper() end

local function hidden(words) return prefix .. spelling.hash(words, 12) end

local function file(_, symbol, context)
  return (spelling.file(symbol, context, prefix):gsub("_", "-"))
end

local function library(model) return (prefix .. model):gsub("_", "-") end

return spelling.policy("acme_cam", prefix, {
  lower = true, -- so that Pascal case can be undone
  reserve = #"included_" + #prefix, -- what is added to words, at most
  spell = {
    macro = constant, guard = guard, file = file, library = library,
    exported = pascal, internal = hidden, private = hidden,
  },
  deny = { "CAM_K_RESERVED", "ACME_*" }, -- what the company's own headers define
})
