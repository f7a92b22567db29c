--- core: which of CMSIS-NN's variants a target runs: "plain", "dsp" or "mve".
--
-- The library chooses by what the compiler says of the processor, and so do we: by the flags
-- that choose it. What working memory a function takes, and which constants, depends on it.

local DSP = { m4 = true, m7 = true, m33 = true, m35p = true }
local MVE = { m52 = true, m55 = true, m85 = true }

-- `extensions` are words behind the name, as in +nodsp+nofp.
local function of_processor(name, extensions)
  local core, without = name:match "^cortex%-(m%d+%a*)$", {}
  for word in extensions:gmatch "%+no([^+]+)" do without[word] = true end
  if without.dsp then return "plain" end
  if MVE[core] and not without.mve then return "mve" end
  return (MVE[core] or DSP[core]) and "dsp" or "plain"
end

local function of_architecture(name, extensions)
  if extensions:find "%+mve" then return "mve" end
  return (name == "armv7e-m" or extensions:find "%+dsp") and "dsp" or "plain"
end

--- The variant for a target, by its cc.flags. Without registers for floats there is no Helium.
return function(target)
  local kind, has_registers = "plain", false
  for _, flag in ipairs(target.cc and target.cc.flags or {}) do
    local what, name, extensions = flag:match "^%-m(%a+)=([^+]+)(.*)$"
    if what == "cpu" then
      kind = of_processor(name, extensions)
    elseif what == "arch" then
      kind = of_architecture(name, extensions)
    end
    has_registers = has_registers or flag == "-mfloat-abi=hard" or flag == "-mfloat-abi=softfp"
  end
  return kind == "mve" and not has_registers and "dsp" or kind
end
