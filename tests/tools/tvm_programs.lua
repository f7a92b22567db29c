--- tvm_programs: models, and programs written for TVM's interface that run them.

-- Every case is a model and the body of a program that fills its structs, runs it and compares.
local cases = {}

local function add(name, model, code, only)
  cases[#cases + 1] = { name = name, models = { { text = model } }, code = code, only = only }
end

add("tvm 31: a convolution has its weights within", [[
module conv { source = { format = tflite, inputs = [data], outputs = [y] } }
const $w : f32[1, 2, 2, 1] = dense [1.0, 2.0, 3.0, 4.0]
const $b : f32[1] = dense [0.5]
graph @main(%x : f32[1, 3, 3, 1]) {
  %y = conv2d %x, $w, $b : f32[1, 2, 2, 1]
  return %y
}
]], [[
    float data[9] = { 1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f, 8.0f, 9.0f };
    float y[4];
    struct tvmgen_conv_inputs inputs;
    struct tvmgen_conv_outputs outputs;
    inputs.data = data;
    outputs.y = y;
    CHECK(tvmgen_conv_run(&inputs, &outputs) == 0);
    CHECK(y[0] == 37.5f && y[1] == 47.5f && y[2] == 67.5f && y[3] == 77.5f);
]])

add("tvm 32: an addition has its parameters within", [[
module sum { source = { format = tflite, inputs = [input], outputs = [output] } }
const $p : f32[3] = dense [1.0, 10.0, 100.0]
graph @main(%x : f32[3]) {
  %y = add %x, $p : f32[3]
  return %y
}
]], [[
    float input[3] = { 1.0f, 2.0f, 3.0f }, output[3];
    struct tvmgen_sum_inputs inputs;
    struct tvmgen_sum_outputs outputs;
    inputs.input = input;
    outputs.output = output;
    CHECK(tvmgen_sum_run(&inputs, &outputs) == 0);
    CHECK(output[0] == 2.0f && output[1] == 12.0f && output[2] == 103.0f);
]])

-- One filter for all of 32 channels, and one for each.
for _, groups in ipairs { 1, 32 } do
  local per_group = 32 // groups
  add(("tvm 33: a convolution of 32 channels in %d groups runs"):format(groups), ([[
module groups%d { source = { format = tflite, inputs = [x], outputs = [y] } }
const $w : i8[32, 1, 1, %d] = splat 2
graph @main(%%x : i8[1, 1, 2, 32]) {
  %%y = conv2d %%x, $w, _ { groups = %d } : i32[1, 1, 2, 32]
  return %%y
}
]]):format(groups, per_group, groups), ([[
    static int8_t x[64];
    static int32_t y[64];
    struct tvmgen_groups@_inputs inputs;
    struct tvmgen_groups@_outputs outputs;
    int i;
    for (i = 0; i < 64; i++) x[i] = (int8_t)i;
    inputs.x = x;
    outputs.y = y;
    CHECK(tvmgen_groups@_run(&inputs, &outputs) == 0);
    for (i = 0; i < 64; i++) CHECK(y[i] == (@ == 32 ? 2 * i : i < 32 ? 992 : 3040));
]]):gsub("@", tostring(groups)))
end

add("tvm 34: inputs are concatenated", [[
module joined { source = { format = tflite, inputs = [a, b], outputs = [c] } }
graph @main(%a : u8[2, 1], %b : u8[2, 2]) {
  %c = concat %a, %b { axis = 1 } : u8[2, 3]
  return %c
}
]], [[
    uint8_t a[2] = { 1, 4 }, b[4] = { 2, 3, 5, 6 }, c[6];
    struct tvmgen_joined_inputs inputs;
    struct tvmgen_joined_outputs outputs;
    inputs.a = a;
    inputs.b = b;
    outputs.c = c;
    CHECK(tvmgen_joined_run(&inputs, &outputs) == 0);
    CHECK(memcmp(c, "\1\2\3\4\5\6", 6) == 0);
]])

add("tvm 35: the members of nested tuples are outputs in order", [[
module tuples { source = { format = onnx, inputs = [x], outputs = [a, b, c, d] } }
graph @main(%x : f32[2]) {
  %a = neg %x : f32[2]
  %b = abs %x : f32[2]
  %d = add %a, %b : f32[2]
  return %a, %b, %x, %d
}
]], [[
    float x[2] = { 1.0f, -2.0f }, a[2], b[2], c[2], d[2];
    struct tvmgen_tuples_inputs inputs;
    struct tvmgen_tuples_outputs outputs;
    inputs.x = x;
    outputs.output = a;
    outputs.output2 = b;
    outputs.output3 = c;
    outputs.output4 = d;
    CHECK(tvmgen_tuples_run(&inputs, &outputs) == 0);
    CHECK(a[0] == -1.0f && a[1] == 2.0f && b[1] == 2.0f && c[1] == -2.0f && d[1] == 4.0f);
]])

add("tvm 36: one item of a split tensor is returned alone", [[
module item { source = { format = tflite, inputs = [x], outputs = [part] } }
graph @main(%x : i32[4]) {
  %y = slice %x { start = [2], stop = [4] } : i32[2]
  return %y
}
]], [[
    int32_t x[4] = { 1, 2, 3, 4 }, part[2];
    struct tvmgen_item_inputs inputs;
    struct tvmgen_item_outputs outputs;
    inputs.x = x;
    outputs.part = part;
    CHECK(tvmgen_item_run(&inputs, &outputs) == 0);
    CHECK(part[0] == 3 && part[1] == 4);
]])

add("tvm 37: an input that is returned is copied", [[
module same { source = { format = tflite, inputs = [x], outputs = [y] } }
graph @main(%x : f32[2]) {
  return %x
}
]], [[
    float x[2] = { 3.0f, 4.0f }, y[2] = { 0.0f, 0.0f };
    struct tvmgen_same_inputs inputs;
    struct tvmgen_same_outputs outputs;
    inputs.x = x;
    outputs.y = y;
    CHECK(tvmgen_same_run(&inputs, &outputs) == 0);
    CHECK(y[0] == 3.0f && y[1] == 4.0f && outputs.y == y);
]])

add("tvm 38: a network of constants has no inputs", [[
module fixed { source = { format = tflite, inputs = [], outputs = [y] } }
const $w : f32[2] = dense [1.5, 2.5]
graph @main() {
  %y = neg $w : f32[2]
  return %y
}
]], [[
    float y[2];
    struct tvmgen_fixed_outputs outputs;
    outputs.y = y;
    CHECK(tvmgen_fixed_run(&outputs) == 0);
    CHECK(y[0] == -1.5f && y[1] == -2.5f);
]])

add("tvm 39: a product broadcasts", [[
module product { source = { format = tflite, inputs = [x, y], outputs = [z] } }
graph @main(%x : f32[2, 2], %y : f32[1]) {
  %z = mul %x, %y : f32[2, 2]
  return %z
}
]], [[
    float x[4] = { 1.0f, 2.0f, 3.0f, 4.0f }, y = 10.0f, z[4];
    struct tvmgen_product_inputs inputs;
    struct tvmgen_product_outputs outputs;
    inputs.x = x;
    inputs.y = &y;
    outputs.z = z;
    CHECK(tvmgen_product_run(&inputs, &outputs) == 0);
    CHECK(z[0] == 10.0f && z[3] == 40.0f);
]])

add("tvm 40: scalars are subtracted", [[
module scalar { source = { format = tflite, inputs = [x], outputs = [y] } }
const $one : i32[] = dense [1]
graph @main(%x : i32[]) {
  %y = sub %x, $one : i32[]
  return %y
}
]], [[
    int32_t x = 5, y = 0;
    struct tvmgen_scalar_inputs inputs;
    struct tvmgen_scalar_outputs outputs;
    inputs.x = &x;
    outputs.y = &y;
    CHECK(tvmgen_scalar_run(&inputs, &outputs) == 0);
    CHECK(y == 4 && TVMGEN_SCALAR_X_SIZE == sizeof x && TVMGEN_SCALAR_Y_SIZE == 4);
]])

add("tvm 41: the parts of a split tensor are outputs", [[
module parts { source = { format = onnx, inputs = [x], outputs = [a, b] } }
graph @main(%x : f32[4]) {
  %a = slice %x { start = [0], stop = [1] } : f32[1]
  %b = slice %x { start = [1], stop = [4] } : f32[3]
  return %a, %b
}
]], [[
    float x[4] = { 1.0f, 2.0f, 3.0f, 4.0f }, a, b[3];
    struct tvmgen_parts_inputs inputs;
    struct tvmgen_parts_outputs outputs;
    inputs.x = x;
    outputs.output = &a;
    outputs.output2 = b;
    CHECK(tvmgen_parts_run(&inputs, &outputs) == 0);
    CHECK(a == 1.0f && b[0] == 2.0f && b[2] == 4.0f);
]])

add("tvm 47: the model's name stands before everything", [[
module my_mod { source = { format = tflite, inputs = [x], outputs = [y] } }
const $w : f32[2, 2] = dense [1.0, 0.0, 0.0, 2.0]
graph @main(%x : f32[1, 2]) {
  %y = matmul %x, $w, _ : f32[1, 2]
  return %y
}
]], [[
    float x[2] = { 3.0f, 4.0f }, y[2];
    struct tvmgen_my_mod_inputs inputs;
    struct tvmgen_my_mod_outputs outputs;
    inputs.x = x;
    outputs.y = y;
    CHECK(tvmgen_my_mod_run(&inputs, &outputs) == 0);
    CHECK(y[0] == 3.0f && y[1] == 8.0f && TVMGEN_MY_MOD_WORKSPACE_SIZE == 0);
]])

add("tvm 49: what is returned shares its memory with no result that is computed later", [[
module later { source = { format = tflite, inputs = [x], outputs = [early, late] } }
graph @main(%x : i8[4] q(0.5, 0)) {
  %early = neg %x : i8[4] q(0.5, 0)
  %a = max %early, %x : i8[4] q(0.5, 0)
  %b = neg %a : i8[4] q(0.5, 0)
  %late = min %b, %early : i8[4] q(0.5, 0)
  return %early, %late
}
]], [[
    int8_t x[4] = { 1, -2, 3, -4 }, early[4], late[4];
    struct tvmgen_later_inputs inputs;
    struct tvmgen_later_outputs outputs;
    inputs.x = x;
    outputs.early = early;
    outputs.late = late;
    CHECK(tvmgen_later_run(&inputs, &outputs) == 0);
    CHECK(early[0] == -1 && early[1] == 2 && early[2] == -3 && early[3] == 4);
    CHECK(late[0] == -1 && late[1] == -2 && late[2] == -3 && late[3] == -4);
]])

add("tvm 50: a transposition leaves its input alone", [[
module turned { source = { format = tflite, inputs = [x], outputs = [y] } }
graph @main(%x : f32[2, 3]) {
  %y = transpose %x { perm = [1, 0] } : f32[3, 2]
  return %y
}
]], [[
    float x[6] = { 1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f }, y[6];
    struct tvmgen_turned_inputs inputs;
    struct tvmgen_turned_outputs outputs;
    inputs.x = x;
    outputs.y = y;
    CHECK(tvmgen_turned_run(&inputs, &outputs) == 0);
    CHECK(y[0] == 1.0f && y[1] == 4.0f && y[2] == 2.0f && y[5] == 6.0f);
    CHECK(x[1] == 2.0f && x[3] == 4.0f);
]])

add("tvm 51: a member's name is the input's, made an identifier", [[
module odd { source = { format = tflite, inputs = ["input-x::2"], outputs = [y] } }
graph @main(%x : f32[1]) {
  %y = neg %x : f32[1]
  return %y
}
]], [[
    float x = 1.0f, y = 0.0f;
    struct tvmgen_odd_inputs inputs;
    struct tvmgen_odd_outputs outputs;
    inputs.input_x_2 = &x;
    outputs.y = &y;
    CHECK(tvmgen_odd_run(&inputs, &outputs) == 0 && y == -1.0f);
]])

add("members take void pointers", [[
module opaque { source = { format = tflite, inputs = [x], outputs = [y] } }
graph @main(%x : i16[2]) {
  %y = neg %x : i16[2]
  return %y
}
]], [[
    int16_t x[2] = { 1, -2 }, y[2];
    void *const from = x, *const to = y;
    struct tvmgen_opaque_inputs inputs;
    struct tvmgen_opaque_outputs outputs;
    inputs.x = from;
    outputs.y = to;
    CHECK(tvmgen_opaque_run(&inputs, &outputs) == 0 && y[0] == -1 && y[1] == 2);
]], "void")

return cases
