--- tflite.schema: the tables of a .tflite file, as far as they are read, and its enumerations.
--
-- Fields stand in the order of their slots (schema version 3); `_` is a slot not read. Names
-- are the schema's, but `activation` for fused_activation_function.

local flatbuffers = require "aotlua.import.flatbuffers"

local M = {}

local TABLES = {
  Model = "version:u32 operator_codes:[OperatorCode] subgraphs:[SubGraph] _ buffers:[Buffer]",
  OperatorCode = "deprecated_builtin_code:i8 custom_code:string version:i32=1 builtin_code:i32",
  SubGraph = "tensors:[Tensor] inputs:[i32] outputs:[i32] operators:[Operator] name:string",
  Operator = "opcode_index:u32 inputs:[i32] outputs:[i32] options:<BuiltinOptions> "
    .. "custom_options:bytes",
  Buffer = "data:bytes offset:u64 size:u64",
  Tensor = "shape:[i32] type:i8 buffer:u32 name:string quantization:QuantizationParameters "
    .. "is_variable:bool sparsity:Sparsity shape_signature:[i32] has_rank:bool _ "
    .. "external_buffer:u32",
  QuantizationParameters = "_ _ scale:[f32] zero_point:[i64] details:<Details> "
    .. "quantized_dimension:i32",
  Sparsity = "",
  Conv2DOptions = "padding:i8 stride_w:i32 stride_h:i32 activation:i8 dilation_w_factor:i32=1 "
    .. "dilation_h_factor:i32=1 quantized_bias_type:i8",
  DepthwiseConv2DOptions = "padding:i8 stride_w:i32 stride_h:i32 depth_multiplier:i32 "
    .. "activation:i8 dilation_w_factor:i32=1 dilation_h_factor:i32=1",
  Pool2DOptions = "padding:i8 stride_w:i32 stride_h:i32 filter_width:i32 filter_height:i32 "
    .. "activation:i8",
  FullyConnectedOptions = "activation:i8 weights_format:i8 keep_num_dims:bool "
    .. "asymmetric_quantize_inputs:bool quantized_bias_type:i8",
  SoftmaxOptions = "beta:f32",
  ConcatenationOptions = "axis:i32 activation:i8",
  AddOptions = "activation:i8",
  SubOptions = "activation:i8",
  MulOptions = "activation:i8",
  DivOptions = "activation:i8",
  L2NormOptions = "activation:i8",
  TransposeConvOptions = "padding:i8 stride_w:i32 stride_h:i32 activation:i8 "
    .. "quantized_bias_type:i8",
  BatchMatMulOptions = "adj_x:bool adj_y:bool asymmetric_quantize_inputs:bool",
  LeakyReluOptions = "alpha:f32",
  ResizeBilinearOptions = "_ _ align_corners:bool half_pixel_centers:bool",
  ResizeNearestNeighborOptions = "align_corners:bool half_pixel_centers:bool",
  SqueezeOptions = "squeeze_dims:[i32]",
  PackOptions = "values_count:i32 axis:i32",
  UnpackOptions = "num:i32 axis:i32",
  MirrorPadOptions = "mode:i8",
  SpaceToDepthOptions = "block_size:i32",
  DepthToSpaceOptions = "block_size:i32",
  GatherOptions = "axis:i32 batch_dims:i32",
  CumsumOptions = "exclusive:bool reverse:bool",
  SVDFOptions = "rank:i32 activation:i8 asymmetric_quantize_inputs:bool",
  UnidirectionalSequenceLSTMOptions = "activation:i8 cell_clip:f32 proj_clip:f32 "
    .. "time_major:bool asymmetric_quantize_inputs:bool diagonal_recurrent_tensors:bool",
  ReshapeOptions = "new_shape:[i32]",
  ReducerOptions = "keep_dims:bool",
  SplitOptions = "num_splits:i32",
  SplitVOptions = "num_splits:i32",
  StridedSliceOptions = "begin_mask:i32 end_mask:i32 ellipsis_mask:i32 new_axis_mask:i32 "
    .. "shrink_axis_mask:i32 offset:bool",
  CallOnceOptions = "init_subgraph_index:i32",
  VarHandleOptions = "container:string shared_name:string",
}

-- By type code; the options of other operators are not read.
local BUILTIN_OPTIONS = {
  [1] = "Conv2DOptions", [2] = "DepthwiseConv2DOptions", [5] = "Pool2DOptions",
  [6] = "SVDFOptions", [8] = "FullyConnectedOptions", [9] = "SoftmaxOptions",
  [10] = "ConcatenationOptions", [11] = "AddOptions", [12] = "L2NormOptions",
  [15] = "ResizeBilinearOptions", [17] = "ReshapeOptions", [19] = "SpaceToDepthOptions",
  [21] = "MulOptions", [23] = "GatherOptions", [27] = "ReducerOptions", [28] = "SubOptions",
  [29] = "DivOptions", [30] = "SqueezeOptions", [32] = "StridedSliceOptions",
  [35] = "SplitOptions", [49] = "TransposeConvOptions", [59] = "PackOptions",
  [64] = "UnpackOptions", [71] = "UnidirectionalSequenceLSTMOptions",
  [74] = "ResizeNearestNeighborOptions", [75] = "LeakyReluOptions", [77] = "MirrorPadOptions",
  [79] = "SplitVOptions", [94] = "DepthToSpaceOptions", [101] = "BatchMatMulOptions",
  [102] = "CumsumOptions", [103] = "CallOnceOptions", [111] = "VarHandleOptions",
}

M.schema = flatbuffers.schema(TABLES, { BuiltinOptions = BUILTIN_OPTIONS, Details = {} })

local function names(text, first)
  local list, code = {}, first
  for word in text:gmatch "%S+" do
    list[code], code = word, code + 1
  end
  return list
end

--- Element types by code: the core's name, or TFLite's where the core has none.
M.types = names([[f32 f16 i32 u8 i64 STRING bool i16 COMPLEX64 i8 f64 COMPLEX128 u64 RESOURCE
  VARIANT u32 u16 i4 bf16 INT2 u4 FLOAT8_E4M3FN FLOAT8_E5M2]], 0)

M.paddings = names("SAME VALID", 0)

M.activations = names("NONE RELU RELU_N1_TO_1 RELU6 TANH SIGN_BIT", 0)

--- Operators by code.
M.operators = names([[ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE
  DEQUANTIZE EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D
  LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1
  RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM
  CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND
  SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE
  BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM
  CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT
  SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT
  SHAPE POW ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND
  LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE
  RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL
  REVERSE_V2 ADD_N GATHER_ND COS WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE
  MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5
  SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM
  CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS HASHTABLE HASHTABLE_FIND
  HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE
  ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM MULTINOMIAL GELU
  DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX
  UNSORTED_SEGMENT_SUM ATAN2 UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT]], 0)

return M
