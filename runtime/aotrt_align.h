/* aotrt_align.h - alignment and section of objects, for compilers before and after C11.
 *
 * This file belongs to the user of aotlua without condition. */
#ifndef AOTRT_ALIGN_H_
#define AOTRT_ALIGN_H_

/* Comes before a declaration. Where the compiler has no word for it, objects have the alignment
 * of their type: correct for the portable kernels. */
#if defined(__GNUC__) || defined(__clang__)
#define AOTRT_ALIGNED(bytes) __attribute__((aligned(bytes)))
#elif defined(_MSC_VER)
#define AOTRT_ALIGNED(bytes) __declspec(align(bytes))
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define AOTRT_ALIGNED(bytes) _Alignas(bytes)
#else
#define AOTRT_ALIGNED(bytes)
#endif

/* Comes before a declaration, too: the linker's section that the object goes to, where the
 * compiler can say so. */
#if defined(__GNUC__) || defined(__clang__)
#define AOTRT_SECTION(name) __attribute__((section(name)))
#else
#define AOTRT_SECTION(name)
#endif

#endif
