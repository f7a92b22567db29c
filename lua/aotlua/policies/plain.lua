--- plain: `<model>_run` in `<model>.h`, members as in the model, made unique.

local spelling = require "aotlua.spelling"

return spelling.policy("plain", "", { refuses = {} })
