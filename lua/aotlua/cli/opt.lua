--- opt: runs passes on IR text, text in and text out.

local failure = require "aotlua.failure"
local job = require "aotlua.job"
local pipeline = require "aotlua.pipeline"
local script = require "aotlua.script"
local shared = require "aotlua.cli.shared"

return {
  about = "runs passes on IR text and prints what they leave\n\n"
    .. "PASS is one of passes/, or a FILE.lua.",
  usage = "PASS[,PASS...] FILE.ir [-o FILE.ir] [OPTIONS]",
  least = 2, most = 2,
  options = shared.options({
    { "--output", "FILE", "writes the text, and its numbers to FILE.bin, instead of printing it",
      short = "-o" },
    { "--target", "T", "a target of targets/ or a FILE.lua (the text's, or c)" },
    { "--set", "KEY=VALUE", "an option of the target or a pass", many = true },
  }, shared.watching),
  run = function(words, options)
    local settings, passes = shared.job(options), {}
    for name in words[1]:gmatch "[^,]+" do
      passes[#passes + 1] = name:find "%.lua$" and script.table(name) or name
    end
    if #passes == 0 then failure.raise("usage", "opt wants the names of passes") end
    settings.pipeline = pipeline.new(passes)
    settings.anew = true
    local module = job.load(words[2], settings)
    job.lower(module, job.target_of(module, settings), settings)
    if options.output then
      shared.write_text(module, options.output)
    else
      io.write(module:print())
    end
  end,
}
