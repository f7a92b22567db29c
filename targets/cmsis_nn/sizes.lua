--- sizes: the bytes of working memory that CMSIS-NN's functions take, by variant.
--
-- As the library's ..._get_buffer_size functions say. A window is { batch, in_h, in_w, in_c, out_h,
-- out_w, out_c, kernel_h, kernel_w, kernel_c, stride_h, stride_w, dilation_h, dilation_w, top,
-- left }; kernel_c: the input channels that a tap reads.

local M = {}

local MVE_CHANNELS = 124 -- of a depthwise convolution's blocks

local function round_up(number, multiple)
  return (number + multiple - 1) // multiple * multiple
end

local function has_no_dilation(w)
  return w.dilation_h == 1 and w.dilation_w == 1
end

--- Whether a convolution is one of single pixels, so that nothing is gathered.
function M.is_pointwise(w)
  return w.top == 0 and w.left == 0 and w.kernel_h == 1 and w.kernel_w == 1 and has_no_dilation(w)
    and w.in_c == w.kernel_c
end

--- Whether the library sees a convolution of one row.
function M.is_row(w)
  return w.in_h == 1 and w.kernel_h == 1 and w.dilation_w == 1 and w.stride_w * w.in_c % 4 == 0
    and w.in_c == w.kernel_c
end

--- The columns of a row that padding on the left and on the right touches, and those between.
function M.row_parts(w)
  local lacking = math.fmod((w.out_w - 1) * w.stride_w + w.kernel_w - w.in_w, 2)
  local function columns(padding)
    return padding ~= 0 and math.max(1, (padding + w.stride_w - 1) // w.stride_w) or 0
  end
  local left, right = columns(w.left), columns(w.left + lacking)
  return left, math.max(w.out_w - left - right, 0), right, lacking
end

local function mve_gathered(w)
  return 4 * round_up(w.in_c * w.kernel_w * w.kernel_h, 16)
end

local function mve_row(w)
  local left, middle, right, lacking = M.row_parts(w)
  if left + middle + right ~= w.out_w then return mve_gathered(w) end
  local left_padding = w.left * w.in_c
  local right_padding = lacking ~= 0 and right * w.in_c or left_padding
  local taps = w.kernel_w * w.in_c
  return math.max(taps + left_padding, taps - w.in_c + right_padding)
end

--- arm_convolve_wrapper_s8
function M.convolve_s8(kind, w)
  if M.is_pointwise(w) then return 0 end
  if kind == "mve" then return M.is_row(w) and mve_row(w) or mve_gathered(w) end
  return 4 * round_up(w.kernel_w * w.kernel_h * w.in_c, 4)
end

--- arm_depthwise_conv_wrapper_s8
function M.depthwise_s8(kind, w)
  if w.in_c ~= w.out_c or w.batch ~= 1 or not has_no_dilation(w) then return 0 end
  if kind == "mve" then return 4 * MVE_CHANNELS * w.kernel_w * w.kernel_h end
  if w.kernel_w == 3 and w.kernel_h == 3 and w.top <= 1 and w.left <= 1 then return 0 end
  return kind == "dsp" and 2 * w.in_c * w.kernel_w * w.kernel_h or 0
end

--- arm_convolve_wrapper_s16
function M.convolve_s16(kind, w)
  local taps = w.in_c * w.kernel_w * w.kernel_h
  return kind == "mve" and 8 * round_up(taps, 8) or 4 * taps
end

--- arm_depthwise_conv_wrapper_s16
function M.depthwise_s16(kind, w)
  local taps = w.in_c * w.kernel_w * w.kernel_h
  local is_fast = w.in_c == w.out_c and has_no_dilation(w) and w.kernel_w * w.kernel_h < 512
  if not is_fast or kind == "plain" then return 0 end
  return kind == "mve" and 8 * taps + 8 or 2 * taps
end

--- arm_avgpool_s8, arm_avgpool_s16
function M.average(kind, w)
  return kind == "dsp" and 4 * w.in_c or 0
end

return M
