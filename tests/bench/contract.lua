--- contract: floating-point products beside the core's peak, through the whole compiler.
--
-- For each shape, target and C compiler: the shape as IR text is compiled by the target's own
-- pipeline, built with its own flags, and timed in turns with a loop that does nothing but
-- multiply and add: the best of several processes, because which pages one is given decides what
-- of its memory shares a place in the caches. Run as `tests/bench/contract [REPEATS]`; a share
-- below its floor fails.

local cc = require "aotlua.cc"
local data = require "aot.data"
local job = require "aotlua.job"
local output = require "aotlua.output"
local program = require "aot.program"
local system = require "aot.system"
local text = require "aotlua.text"

local processor = require "tests.tools.processor"

local processes = 8
local repeats = (tonumber((...)) or 2000) // processes + 1

local function conv(case)
  local pad = case.k // 2
  return ([[
module bench
const $w : f32[${o}, ${k}, ${k}, ${d}] = splat 0.25
const $b : f32[${o}] = splat -0.5
graph @main(%x : f32[1, ${h}, ${h}, ${i}]) {
  %c = conv2d %x, $w, $b { groups = ${g}, pad = ${p} } : f32[1, ${h}, ${h}, ${o}]
  %y = clamp %c { lo = 0.0 } : f32[1, ${h}, ${h}, ${o}]
  return %y
}
]]):gsub("${(%w)}", {
    o = case.o, k = case.k, i = case.i, h = case.h, g = case.groups or 1,
    p = ("[%d, %d, %d, %d]"):format(pad, pad, pad, pad), d = case.i // (case.groups or 1),
  })
end

-- floor: the share of the peak that is promised; nil: shown for comparison
local cases = {
  { h = 56, i = 64, o = 128, k = 1, floor = 0.90 },
  { h = 28, i = 128, o = 128, k = 1, floor = 0.85 },
  { h = 7, i = 512, o = 512, k = 1, floor = 0.75 },
  { h = 56, i = 64, o = 64, k = 3 },
  { h = 14, i = 256, o = 256, k = 3 },
  { h = 7, i = 512, o = 512, k = 3 },
  { h = 56, i = 128, o = 128, k = 3, groups = 128 },
  { h = 14, i = 512, o = 512, k = 3, groups = 512 },
}

local targets = {
  { name = "x86_64_v3", needs = { "avx2", "fma" }, lanes = 8 },
  { name = "x86_64_v4", needs = { "avx512f", "avx512vl" }, lanes = 16 },
}

-- The model built for a target by a compiler of some name.
local function build(case, name, compiler, lanes, folder)
  local module = text.parse(conv(case), "bench")
  local target = job.target(name, {})
  target.cc = { command = compiler, flags = target.cc.flags }
  job.lower(module, target, { set = {} })
  local files, sources = job.files(module, target), { program.root .. "/tests/bench/contract.c" }
  output.write(folder, files)
  for path in pairs(files) do -- order: sorted below
    if path:find "^src/.*%.[cS]$" then sources[#sources + 1] = folder .. "/" .. path end
  end
  table.sort(sources)
  cc.build {
    target = target, sources = sources, output = folder .. "/bench", log = folder .. "/log",
    folders = { folder .. "/include", folder .. "/src", program.root .. "/runtime" },
    flags = { '-DMODEL_HEADER="tvmgen_bench.h"', "-DMODEL=TVMGEN_BENCH", "-DPREFIX=tvmgen_bench",
      "-DLANES=" .. lanes },
  }
end

-- Multiplications and additions by taps inside the image; those outside are never done.
local function operations(case)
  local along_one_axis = 0
  for at = 0, case.h - 1 do
    local first = at - case.k // 2
    along_one_axis = along_one_axis + math.min(first + case.k, case.h) - math.max(first, 0)
  end
  return 2 * along_one_axis ^ 2 * case.i * case.o / (case.groups or 1)
end

-- The share of the peak that one process reached, its speed, and that peak, in GFLOP/s.
local function run(case, folder)
  local log = folder .. "/result"
  if system.run({ folder .. "/bench", tostring(repeats) }, log) ~= 0 then
    error "the bench did not run"
  end
  local view = data.open(log)
  local ns, peak = view:string(0, #view):match "(%S+) (%S+)"
  local speed = operations(case) / tonumber(ns)
  peak = tonumber(peak) / 1e9
  return { share = speed / peak, speed = speed, peak = peak }
end

local function measure(case, target, compiler)
  local folder = system.temporary_folder()
  local _ <close> = setmetatable({}, { __close = function() system.remove(folder) end })
  build(case, target.name, compiler, target.lanes, folder)
  local best = run(case, folder)
  for _ = 2, processes do
    local found = run(case, folder)
    if found.share > best.share then best = found end
  end
  return best
end

local function shape_of(case)
  return case.groups and ("%dx%dx%d, %dx%d each"):format(case.h, case.h, case.i, case.k, case.k)
    or ("%dx%dx%d -> %d, %dx%d"):format(case.h, case.h, case.i, case.o, case.k, case.k)
end

print(("%-10s %-6s %-26s %9s %9s %8s"):format("target", "cc", "shape", "GFLOP/s", "peak", "share"))
local missed = 0
for _, target in ipairs(targets) do
  if not processor.has(target.needs) then
    print(("%-10s this processor has no %s: not run"):format(target.name, target.needs[1]))
    goto continue
  end
  for _, case in ipairs(cases) do
    for _, compiler in ipairs { "gcc", "clang" } do
      local best = measure(case, target, compiler)
      local floor = case.floor and (" (floor %.0f%%)"):format(100 * case.floor) or ""
      if case.floor and best.share < case.floor then
        floor, missed = floor .. " MISSED", missed + 1
      end
      print(("%-10s %-6s %-26s %9.1f %9.1f %7.1f%%%s"):format(target.name, compiler,
        shape_of(case), best.speed, best.peak, 100 * best.share, floor))
    end
  end
  ::continue::
end
if missed > 0 then error(("%d shapes are slower than promised"):format(missed), 0) end
