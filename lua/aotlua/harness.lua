--- harness: a main.c around a compiled model that feeds it raw bytes.
--
-- `program IN OUT N` starts from fresh state and reads all inputs from IN. One that answers does
-- so N times, runs the model once after each and appends all outputs to OUT. One that measures
-- reads once, and writes the microseconds of N calls to OUT, a line each; N = 0: of at least 5,
-- for up to 3 seconds. Both exit with the model's return code.

local cc = require "aotlua.cc"
local data = require "aot.data"
local ir = require "aot.ir"
local failure = require "aotlua.failure"
local lines_of = require "aotlua.harness.lines"
local metadata = require "aotlua.metadata"
local output = require "aotlua.output"
local surroundings = require "aotlua.harness.surroundings"
local system = require "aot.system"
local template = require "aotlua.template"

local each, join = lines_of.each, lines_of.join

local M = {}

local source = template [[
/* Runs ${model} on raw bytes. Made by aotlua. */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "${header}"

${arrays}

int ${main}(int argc, char **argv)
{
    FILE *in, *out;
    long count;
    int32_t status = 0;
    ${structs}
    if (argc != 4 || (in = fopen(argv[1], "rb")) == NULL || (out = fopen(argv[2], "wb")) == NULL) {
        return 100;
    }
    count = strtol(argv[3], NULL, 10);
    ${reset}
    ${body}
    fclose(in);
    return fclose(out) == 0 ? (int)status : 101;
}
]]

local answering = template [[
for (long step = 0; step < count && status == 0; step++) {
    ${read}
    status = ${call};
    ${write}
}]]

local measuring = template [[
struct timespec start, end;
double elapsed = 0.0, total = 0.0;
long calls = 1;
${read}
/* Clocks are coarse: so many calls a measurement as take a fifth of a millisecond. */
for (long run = -1; status == 0 && (run < count || (count == 0 && (run < 5 || total < 3e6)));) {
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long call = 0; call < calls && status == 0; call++) {
        status = ${call};
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    elapsed = 1e6 * (double)(end.tv_sec - start.tv_sec);
    elapsed += 1e-3 * (double)(end.tv_nsec - start.tv_nsec);
    if (run >= 0) {
        fprintf(out, "%.4f\n", elapsed / (double)calls);
        total += elapsed;
        run++;
    } else if (elapsed < 200.0) {
        calls *= 2;
    } else {
        run = 0;
    }
}]]

-- Cuts the bytes of all steps into the tensors of `records`, a list a step.
local function cut(view, records, steps)
  local list, at = {}, 0
  for step = 1, steps do
    list[step] = {}
    for k, record in ipairs(records) do
      local type = { dtype = record.dtype, shape = record.shape }
      list[step][k] = ir.tensor(type, view:sub(at, record.bytes))
      at = at + record.bytes
    end
  end
  return list
end

-- Inputs and outputs without bytes have nothing in the file, but their arrays have an element.
local function transfer(verb, role, stream, failed)
  return function(tensor, k)
    return tensor.bytes > 0 and ("if (%s(%s_%d, 1, %d, %s) != %d) {\n    return %d;\n}"):format(
      verb, role, k, tensor.bytes, stream, tensor.bytes, failed) or nil
  end
end

-- What the main function does with the model, as C text.
local bodies = {}

function bodies.answer(record, call)
  return answering {
    call = call, read = join(each(record.inputs, transfer("fread", "input", "in", 102))),
    write = join(each(record.outputs, transfer("fwrite", "output", "out", 103))),
  }
end

-- The probes of aotlua.layers write ahead of the outputs.
function bodies.layers(record, call)
  return "extern FILE *aotlua_layers;\naotlua_layers = out;\n" .. bodies.answer(record, call)
end

function bodies.measure(record, call)
  return measuring {
    call = call, read = join(each(record.inputs, transfer("fread", "input", "in", 102))),
  }
end

--- The text of a harness for a metadata record; `kind`: "answer" (by default), "layers" or
-- "measure"; `main` is its function, by default "main".
function M.source(record, main, kind)
  local values, call = surroundings(record)
  values.main, values.body = main or "main", bodies[kind or "answer"](record, call)
  return source(values)
end

local function is_source(path) return path:find "^src/.*%.[cS]$" end

--- A folder to build in, to be kept in a <close> variable: `path`, which stays, or a temporary
-- one, which goes.
function M.folder(path)
  local folder = { path = path or failure.within("io", system.temporary_folder) }
  if path then failure.within("io", system.make_folders, path) end
  return setmetatable(folder, { __close = function()
    if not path then system.remove(folder.path) end
  end })
end

-- Puts the files of a model into the folder. Returns the paths of its sources.
local function write_model(folder, files)
  local sources = {}
  output.write(folder .. "/model", files)
  for path in pairs(files) do -- order: sorted below
    if is_source(path) then sources[#sources + 1] = ("%s/model/%s"):format(folder, path) end
  end
  table.sort(sources)
  return sources
end

local function compiler_job(target, parts, sources)
  local folder = parts.folder
  return {
    target = target, sources = sources, flags = parts.flags, log = folder .. "/cc.log",
    folders = { folder .. "/model/include", folder .. "/model/src" },
  }
end

--- Builds a compiled module and its harness. `parts`: `files` (of aotlua.writers), `folder`,
-- `flags`, more flags for the compiler, and `kind`, of the harness.
-- Returns { record, program, folder, target }; `program` is a path from the folder.
function M.build(module, target, parts)
  local folder, record = parts.folder, metadata.of(module, target)
  local sources = write_model(folder, parts.files)
  table.insert(sources, 1, folder .. "/main.c")
  failure.within("io", data.write, sources[1], M.source(record, nil, parts.kind))
  local job = compiler_job(target, parts, sources)
  job.output = folder .. "/program"
  cc.build(job)
  return { record = record, program = "./program", folder = folder, target = target }
end

--- The bytes of code and constants of a compiled module; nil where no program can tell. `parts`
-- are those of M.build.
function M.code_bytes(target, parts)
  local job = compiler_job(target, parts, write_model(parts.folder, parts.files))
  job.output, job.only = parts.folder .. "/model.o", true
  cc.build(job)
  return cc.code_bytes(target, job.output, parts.folder .. "/size.log")
end

--- Runs a built model: `inputs` is a list (one entry a step) of lists of Tensors, `count` the
-- harness's N; `built` may have `arguments` that come before the files. Returns a View of what it
-- wrote. Raises an error if the program dies or the model returns a code.
function M.execute(built, inputs, count)
  local pieces = {}
  for _, step in ipairs(inputs) do
    for _, tensor in ipairs(step) do pieces[#pieces + 1] = tensor:view() end
  end
  local result = built.folder .. "/out.raw"
  failure.within("io", data.write, built.folder .. "/in.raw", pieces)
  system.remove(result)
  local arguments = table.move(built.arguments or {}, 1, #(built.arguments or {}), 1, {})
  table.move({ "in.raw", "out.raw", tostring(count) }, 1, 3, #arguments + 1, arguments)
  local code, why, said = cc.run(built.target, { folder = built.folder, program = built.program,
    arguments = arguments, log = built.folder .. "/run.log" })
  if code ~= 0 then
    error(("the compiled model stopped with %s\n%s"):format(
      why or "code " .. code, said:sub(1, 4000)), 0)
  end
  return data.open(result)
end

--- Runs a built model that answers; returns the outputs in the form of `inputs`.
function M.run(built, inputs)
  return cut(M.execute(built, inputs, #inputs), built.record.outputs, #inputs)
end

return M
