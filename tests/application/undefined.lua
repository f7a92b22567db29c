--- undefined: what generated code may call that it does not define, for each toolchain.
--
-- Mathematics and memory of the C library, and what compilers put in by themselves.

local mathematics = [[exp expf log logf sqrt sqrtf tanh tanhf floor floorf ceil ceilf pow powf
  fabs fabsf fma fmaf rint rintf round roundf trunc truncf erf erff sin sinf cos cosf]]
local memory = "memcpy memset memmove memcmp strcmp"

return {
  gcc = mathematics .. " " .. memory .. " _GLOBAL_OFFSET_TABLE_",
  clang = mathematics .. " " .. memory .. " _GLOBAL_OFFSET_TABLE_",
  -- integer division, 64-bit arithmetic and floating point of the run-time ABI
  ["arm-none-eabi-gcc"] = mathematics .. " " .. memory .. [[ __aeabi_idiv __aeabi_uidiv
    __aeabi_idivmod __aeabi_uidivmod __aeabi_ldivmod __aeabi_uldivmod __aeabi_lmul __aeabi_llsl
    __aeabi_llsr __aeabi_lasr __aeabi_lcmp __aeabi_ulcmp __aeabi_fadd __aeabi_fsub __aeabi_frsub
    __aeabi_fmul __aeabi_fdiv __aeabi_fcmpeq __aeabi_fcmplt __aeabi_fcmple __aeabi_fcmpge
    __aeabi_fcmpgt __aeabi_fcmpun __aeabi_f2iz __aeabi_f2lz __aeabi_i2f __aeabi_l2f __aeabi_ui2f
    __aeabi_ul2f __aeabi_f2d __aeabi_d2f __aeabi_dadd __aeabi_dsub __aeabi_dmul __aeabi_ddiv
    __aeabi_dcmpeq __aeabi_dcmplt __aeabi_dcmple __aeabi_dcmpge __aeabi_dcmpgt __aeabi_dcmpun
    __aeabi_d2iz __aeabi_d2lz __aeabi_i2d __aeabi_l2d __aeabi_ui2d __aeabi_ul2d __aeabi_memcpy
    __aeabi_memset __aeabi_memclr __aeabi_memmove]],
}
