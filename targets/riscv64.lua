--- riscv64: 64-bit RISC-V with Linux; other machines run it on QEMU.

return require "targets.linux.core" { name = "riscv64", triple = "riscv64-linux-gnu" }
