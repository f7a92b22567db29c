--- core: which of CMSIS-NN's variants a target runs: "plain", "dsp" or "mve".
--
-- The library chooses by what the compiler says of the processor, and so do we: by the flags
-- that choose it. What working memory a function takes, and which constants, depends on it.

local DSP = { m4 = true, m7 = true, m33 = true, m35p = true }
local MVE = { m52 = true, m55 = true, m85 = true }

local function of_processor(name, extensions)
  local core = name:match "^cortex%-(m%d+%a*)$"
  if MVE[core] then
    return extensions:find "%+nomve" and "dsp" or "mve"
  end
  return DSP[core] and not extensions:find "%+nodsp" and "dsp" or "plain"
end

--- The variant for a target, by its cc.flags.
return function(target)
  local kind = "plain"
  for _, flag in ipairs(target.cc and target.cc.flags or {}) do
    local name, extensions = flag:match "^%-mcpu=([%w%-]+)(.*)$"
    if name then kind = of_processor(name, extensions) end
    local architecture = flag:match "^%-march=(armv8%.1%-m%.main.*)$"
      or flag:match "^%-march=(armv7e%-m.*)$" or flag:match "^%-march=(armv8%-m%.main.*)$"
    if architecture then
      kind = architecture:find "%+mve" and "mve"
        or (architecture:find "^armv7e" or architecture:find "%+dsp") and "dsp" or "plain"
    end
  end
  return kind
end
