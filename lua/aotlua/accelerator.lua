--- accelerator: checks what a device takes over.
--
--     return accelerator {
--       name = "acme_npu",
--       offers = {
--         { name = "conv_clamp", match = "%c = conv2d %x, $w, $b\n%y = clamp %c",
--           when = function(m) return m.x.type.dtype == "i8" end },
--       },
--     }
--
-- An offer's `match` and `when` are those of aotlua.rewrite. What it takes becomes the body of
-- `call @conv_clamp_0 ... by acme_npu`, so its meaning stays in the text.

local fields = require "aotlua.fields"

--- Returns the accelerator, checked.
return function(device)
  fields.check("an accelerator", device, {
    name = "string", offers = "table", headers = "table?", memory = "table?",
  })
  for _, offer in ipairs(device.offers) do
    fields.check(("accelerator %s: an offer"):format(device.name), offer, {
      name = "string", match = "string", when = "function?", changes = "any?",
      emit = "function?",
    })
  end
  return device
end
