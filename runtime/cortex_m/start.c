/* start.c - start-up code for programs on a Cortex-M core that run under QEMU or a debugger.
 *
 * Brings up what C takes for granted, hands main its arguments through semihosting, and exits
 * with main's result. sections.ld, and the board's linker script that includes it, define the
 * addresses. A product has start-up code from its vendor; this is for testing models. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Addresses, by the linker script. */
extern uint32_t aotrt_data_start[], aotrt_data_end[], aotrt_data_load[];
extern uint32_t aotrt_bss_start[], aotrt_bss_end[];
extern uint32_t aotrt_stack_top[];

void aotrt_reset(void);
void aotrt_systick(void); /* of clock.c */
int main(int argc, char **argv);
void initialise_monitor_handles(void);  /* of newlib: opens standard output */
void _fini(void) __attribute__((used)); /* with link-time optimization, too */

/* Operations of Arm's semihosting. */
enum { SYS_WRITE0 = 0x04, SYS_GET_CMDLINE = 0x15, SYS_EXIT_EXTENDED = 0x20 };

enum { MOST_ARGUMENTS = 16, FAULT_CODE = 121 };

static int32_t semihosting(int32_t operation, const void *parameters)
{
    register int32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = parameters;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

/* Splits the command line at its spaces. Returns the number of arguments. */
static int read_arguments(char **argv)
{
    static char line[512];
    struct {
        char *text;
        size_t length;
    } block = { line, sizeof line - 1 };
    int argc = 0;
    if (semihosting(SYS_GET_CMDLINE, &block) == 0) {
        char *word = strtok(line, " ");
        for (; word != NULL && argc < MOST_ARGUMENTS; word = strtok(NULL, " ")) {
            argv[argc] = word;
            argc++;
        }
    }
    return argc;
}

/* Kept apart from the reset handler: code here may use floating-point and vector registers. */
static __attribute__((noinline, noreturn)) void start(void)
{
    static char *argv[MOST_ARGUMENTS + 1];
    memcpy(aotrt_data_start, aotrt_data_load,
           (size_t)((char *)aotrt_data_end - (char *)aotrt_data_start));
    memset(aotrt_bss_start, 0, (size_t)((char *)aotrt_bss_end - (char *)aotrt_bss_start));
    initialise_monitor_handles();
    exit(main(read_arguments(argv), argv));
}

/* The reset handler: makes the core execute all that the compiler may have used. */
__attribute__((noreturn)) void aotrt_reset(void)
{
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    /* CPACR: full access to coprocessors 10 and 11, floating point and MVE. */
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
#if !defined(__ARM_FEATURE_UNALIGNED)
    /* CCR.UNALIGN_TRP: a core that can access unaligned words refuses them like one that
     * cannot, so that a test on the one says something of the other. QEMU looks at it when
     * CONTROL is written. */
    *(volatile uint32_t *)0xE000ED14u |= 1u << 3;
    __asm__ volatile("mrs r0, control\n\tmsr control, r0\n\tisb" ::: "r0", "memory");
#endif
    start();
}

/* What newlib's exit calls for the sake of C++. */
void _fini(void)
{
}

static __attribute__((noreturn)) void fault(void)
{
    static const struct {
        uint32_t reason, code;
    } exit_application = { 0x20026u, FAULT_CODE };
    (void)semihosting(SYS_WRITE0, "the processor stopped with a fault\n");
    for (;;) {
        (void)semihosting(SYS_EXIT_EXTENDED, &exit_application);
    }
}

/* The vector table: the first stack pointer, the reset handler, and the exceptions that follow
 * it, SysTick's last. Other interrupts are never enabled. */
struct vectors {
    void *stack_top;
    void (*handlers[15])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    aotrt_stack_top,
    { aotrt_reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
      fault, fault, aotrt_systick },
};
