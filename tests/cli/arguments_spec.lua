--- arguments_spec: what the command line may look like, and how it is refused.

local arguments = require "aotlua.arguments"
local failure = require "aotlua.failure"

local verb = {
  usage = "MODEL [OPTIONS]", about = "does things", least = 1, most = 2,
  options = {
    { "--output", "DIR", "where to", short = "-o" },
    { "--json", nil, "prints JSON" },
    { "--dump", "[=PASS]", "prints text" },
    { "--set", "KEY=VALUE", "an option", many = true },
    { "-d", "DIM=VALUE", "an extent", many = true },
  },
}

local function read(...) return arguments.read("do", verb, { ... }) end

local function refusal(...)
  local ok, raised = pcall(read, ...)
  assert.is_false(ok)
  assert.equal(failure.usage, failure.code(raised))
  return tostring(raised)
end

describe("a command line", function()
  it("has words and options in any order", function()
    local words, options = read("a.onnx", "-o", "out", "--json", "b", "--set", "x=1",
      "--set=y=2", "-d", "N=1")
    assert.same({ "a.onnx", "b" }, words)
    assert.same({ output = "out", json = true, set = { "x=1", "y=2" }, d = { "N=1" } }, options)
  end)

  it("takes what follows -- as words", function()
    assert.same({ "--json", "-o" }, (read("--", "--json", "-o")))
  end)

  it("takes values that begin with a dash", function()
    assert.equal("-1", select(2, read("a", "-o", "-1")).output)
  end)

  it("gives an optional value behind = only", function()
    local words, options = read("a", "--dump", "fuse")
    assert.same({ "a", "fuse" }, words)
    assert.is_true(options.dump)
    assert.equal("fuse", select(2, read("a", "--dump=fuse")).dump)
  end)

  it("is refused where it is wrong", function()
    assert.equal("do has no option --jsn; it has: --output, --json, --dump, --set, -d",
      refusal("a", "--jsn"))
    assert.equal("do has no option --a.b; it has: --output, --json, --dump, --set, -d",
      refusal("--a.b"))
    assert.equal("-o wants a value, DIR", refusal("a", "-o"))
    assert.equal("--json takes no value", refusal("a", "--json=1"))
    assert.equal("--output stands there twice", refusal("a", "-o", "x", "--output=y"))
    assert.equal("--output wants a value, DIR; it is empty", refusal("a", "-o", ""))
    assert.equal("--dump wants a value, PASS; it is empty", refusal("a", "--dump="))
    local usage = "; usage: aotlua do MODEL [OPTIONS]"
    assert.equal("something is missing" .. usage, refusal())
    assert.equal("an argument is empty" .. usage, refusal(""))
    assert.equal("'c' is one too many" .. usage, refusal("a", "b", "c"))
  end)

  it("reads key=value", function()
    assert.same({ a = "1", b = "=" }, arguments.pairs_of("--set", { "a=1", "b==" }))
    assert.same({}, arguments.pairs_of("--set", nil))
    for _, list in ipairs { { "a" }, { "=1" }, { "a=1", "a=2" } } do
      local ok, raised = pcall(arguments.pairs_of, "--set", list)
      assert.is_false(ok)
      assert.equal(failure.usage, failure.code(raised))
    end
  end)
end)
