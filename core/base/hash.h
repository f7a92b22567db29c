/* hash.h - fixed hashes: the same value on every machine and in every run. */
#ifndef AOT_BASE_HASH_H
#define AOT_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define AOT_HASH_START UINT64_C(0xcbf29ce484222325)

/* FNV-1a, 64 bit, continued from `hash` (start with AOT_HASH_START). */
uint64_t aot_hash_bytes(uint64_t hash, const void *bytes, size_t length);

/* SHA-256 (FIPS 180-4) of `length` bytes as 64 lower-case hex digits and a NUL. */
void aot_sha256_hex(const void *bytes, size_t length, char out[65]);

#endif
