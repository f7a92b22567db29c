--- The golden cases of every pass: tests/passes/<pass>.golden.

local golden = require "tests.golden"
local root = (require "aot.program").root

local names = {}
local list <close> = assert(io.popen(("ls '%s/tests/passes'"):format(root:gsub("'", "'\\''"))))
for file in list:lines() do names[#names + 1] = file:match "^([%w_]+)%.golden$" end

for _, name in ipairs(names) do
  golden.describe(name, { describe = describe, it = it, assert = assert })
end
