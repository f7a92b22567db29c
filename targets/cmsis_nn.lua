--- cmsis_nn: Arm's CMSIS-NN, which computes 8 and 16-bit layers on Cortex-M.
--
--     aotlua verify kws.tflite --target cortex_m4,cmsis_nn
--
-- The calls are those of version 7.0.0 and what came after it. What the library would compute
-- otherwise than the model says is not offered to it. CMSIS_NN_ROOT names a checkout, from which
-- `verify` and `bench` compile what is called.

local accelerator = require "aotlua.accelerator"
local elementwise = require "targets.cmsis_nn.elementwise"
local products = require "targets.cmsis_nn.products"
local sizes = require "targets.cmsis_nn.sizes"
local softmax = require "targets.cmsis_nn.softmax"
local windows = require "targets.cmsis_nn.windows"

local offers = {}

local function add(...)
  for _, offer in ipairs { ... } do offers[#offers + 1] = offer end
end

add(windows.convolution { name = "conv", call = "convolve_wrapper", depthwise = false,
  bytes = { i8 = sizes.convolve_s8, i16 = sizes.convolve_s16 } })
add(windows.convolution { name = "depthwise", call = "depthwise_conv_wrapper", depthwise = true,
  bytes = { i8 = sizes.depthwise_s8, i16 = sizes.depthwise_s16 } })
add(products())
add(windows.pool { name = "max_pool", op = "max_pool2d", call = "max_pool" })
add(windows.pool { name = "avg_pool", op = "avg_pool2d", call = "avgpool", bytes = sizes.average })
add(elementwise.sum())
add(elementwise.product(false, false))
add(elementwise.product(true, false))
add(elementwise.product(true, true))
add(softmax)

local function building()
  local root, missing = os.getenv "CMSIS_NN_ROOT", "CMSIS_NN_ROOT names no checkout of CMSIS-NN"
  if not root or root == "" then return { missing = missing } end
  local here = debug.getinfo(1, "S").source:match "^@(.*)%.lua$"
  return {
    flags = { "-isystem", root .. "/Include", "-isystem", root .. "/Source" },
    link = { here .. "/library_s8.c", here .. "/library_s16.c" }, missing = missing,
  }
end

return accelerator {
  name = "cmsis_nn",
  headers = { "arm_nnfunctions.h" },
  offers = offers,
  cc = building(),
}
