--- aarch64: 64-bit Arm with Linux; other machines run it on QEMU.

return require "targets.linux.core" { name = "aarch64", triple = "aarch64-linux-gnu" }
