--- accelerator: what a device takes over, and the C that calls it.
--
--     return accelerator {
--       name = "acme_npu",
--       headers = { "acme_npu.h" },
--       device = true,
--       offers = {
--         { name = "conv_clamp", match = "%c = conv2d %x, $w, $b\n%y = clamp %c",
--           when = function(m) return m.x.type.dtype == "i8", "only int8" end,
--           constants = function(m) return { packed = pack(m.w.data) } end,
--           scratch = function(m) return 4 * m.x.type.shape[2] end,
--           emit = function() return "status = acme(${context}, ${x}, ${packed}, ${y});" end },
--       },
--     }
--
-- An offer's `match` and `when` are those of aotlua.rewrite; `when` may say why not as a second
-- result. What an offer takes becomes the body of `call @conv_clamp_0 ... by acme_npu`, so its
-- meaning stays in the text. Fields of an offer, further: `changes`, how far its numbers may be
-- from the body's (as in passes); `constants(m)`, Tensors by name, made at compile time;
-- `scratch(m)`, bytes of working memory; `emit(m)`, C statements that set `status`, 0 for
-- success, in which `${name}` is the address of a value or constant of the match, `${scratch}`
-- the working memory, `${context}` the device's. What it does not name is not passed. All four
-- functions get the target as a second argument.
--
-- Fields of an accelerator, further: `headers` it includes; `device`, whether it has a context
-- and hooks; `align`, of everything it is passed, in bytes: what lies with the caller is copied;
-- `regions`, whether neighbors are called together, as one function; `cc`, what
-- building a program takes: `flags`, `link`, and `missing`, where headers come from that the
-- compiler does not find.

local fields = require "aotlua.fields"
local judge = require "aotlua.judge"
local place = require "aotlua.place"
local text = require "aotlua.text"

local function is_alignment(bytes)
  local fits = bytes == nil or math.type(bytes) == "integer" and bytes > 0
    and bytes & (bytes - 1) == 0
  return fits, ("is %s, no power of two"):format(bytes)
end

--- Returns the accelerator, checked.
return function(device)
  fields.check("an accelerator", device, {
    name = "string", offers = "table", headers = fields.strings, device = "boolean?",
    align = is_alignment, regions = "boolean?", cc = "table?",
  })
  local where = ("accelerator %s"):format(device.name)
  if not device.name:find "^%a[%w_]*$" then
    error(where .. ": its name is part of names in C: a letter, then letters, digits, _", 0)
  end
  if device.cc then
    fields.check(where .. ": cc", device.cc, {
      flags = fields.strings, link = fields.strings, missing = "string?",
    })
  end
  local seen = {}
  for _, offer in ipairs(device.offers) do
    fields.check(where .. ": an offer", offer, {
      name = "string", match = "string", when = "function?", changes = judge.is_promise,
      constants = "function?", scratch = "function?", emit = "function?",
    })
    place.blame(text.parse_pattern, offer.match)
    if seen[offer.name] then
      error(("%s: two offers are called '%s'"):format(where, offer.name), 0)
    end
    seen[offer.name] = true
  end
  return device
end
