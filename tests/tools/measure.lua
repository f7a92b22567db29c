--- measure: a script for aotlua: compiles MODEL into DIR and prints the processor time it took in
--- seconds and the most memory it had in KiB.

local cli = require "aotlua.cli"

local model, folder = ...
local start = os.clock()
local code = cli.main { "compile", model, "-o", folder }
local seconds, peak = os.clock() - start, nil
for line in io.lines "/proc/self/status" do peak = peak or line:match "^VmHWM:%s+(%d+)" end
print(code, seconds, peak)
