--- cmsis_nn: Arm's CMSIS-NN, which computes 8 and 16-bit layers on Cortex-M.
--
--     aotlua verify kws.tflite --target cortex_m4,cmsis_nn
--
-- The calls are those of version 7.0.0 and what came after it. What the library would compute
-- otherwise than the model says is not offered to it. CMSIS_NN_ROOT names a checkout, from which
-- `verify` and `bench` compile what is called.

local accelerator = require "aotlua.accelerator"
local match = require "targets.cmsis_nn.match"
local products = require "targets.cmsis_nn.products"
local sizes = require "targets.cmsis_nn.sizes"
local softmax = require "targets.cmsis_nn.softmax"
local windows = require "targets.cmsis_nn.windows"

local offers = {}

local function add(...)
  for _, offer in ipairs { ... } do offers[#offers + 1] = offer end
end

add(windows.convolution { name = "conv_s8", dtype = "i8", depthwise = false,
  call = "arm_convolve_wrapper_s8", bytes = sizes.convolve_s8,
  rounding_problem = match.rounding_problem })
add(windows.convolution { name = "depthwise_s8", dtype = "i8", depthwise = true,
  call = "arm_depthwise_conv_wrapper_s8", bytes = sizes.depthwise_s8,
  rounding_problem = match.rounding_problem })
add(products.offers { name = "fully_connected_s8", dtype = "i8",
  call = "arm_fully_connected_wrapper_s8", rounding_problem = match.rounding_problem })
add(windows.pool { name = "max_pool_s8", op = "max_pool2d", dtype = "i8",
  call = "arm_max_pool_s8" })
add(windows.pool { name = "avg_pool_s8", op = "avg_pool2d", dtype = "i8",
  call = "arm_avgpool_s8", bytes = sizes.average })
add(softmax)

local function building()
  local root = os.getenv "CMSIS_NN_ROOT"
  if not root or root == "" then return nil end
  local here = debug.getinfo(1, "S").source:match "^@(.*)%.lua$"
  return {
    flags = { "-isystem", root .. "/Include", "-isystem", root .. "/Source" },
    link = { here .. "/library_s8.c", here .. "/library_s16.c" },
  }
end

return accelerator {
  name = "cmsis_nn",
  headers = { "arm_nnfunctions.h" },
  offers = offers,
  cc = building(),
}
