/* clock.c - POSIX's clock for programs on a Cortex-M core, from its SysTick timer.
 *
 * QEMU that is started with `-icount shift=0` lets a nanosecond pass with each instruction, so
 * that this counts instructions, to about 100. */
#include <stdint.h>
#include <time.h>

void aotrt_systick(void);

/* The timer's frequency is the address of this symbol of the board's linker script. */
extern const char aotrt_systick_hz[];

/* SYST_CSR, SYST_RVR and SYST_CVR. */
static volatile uint32_t *const control = (volatile uint32_t *)0xE000E010u;
static volatile uint32_t *const reload = (volatile uint32_t *)0xE000E014u;
static volatile uint32_t *const current = (volatile uint32_t *)0xE000E018u;

static const uint32_t period = 1u << 24;

static volatile uint32_t periods;

/* The handler of the timer's exception, once a period. */
void aotrt_systick(void)
{
    periods++;
}

static void start(void)
{
    *reload = period - 1u;
    *current = 0u;
    *control = 7u; /* the processor's clock, an exception each period, on */
    while (*current == 0u) {
        /* the first period begins with the timer's next tick */
    }
}

/* Gives the time since the first call, whatever the clock. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    const uint64_t hz = (uintptr_t)aotrt_systick_hz;
    uint64_t ticks;
    uint32_t before, left;
    (void)clock;
    if ((*control & 1u) == 0u) {
        start();
    }
    do {
        before = periods;
        left = *current;
    } while (before != periods);
    ticks = (uint64_t)before * period + (period - 1u - left);
    now->tv_sec = (time_t)(ticks / hz);
    now->tv_nsec = (long)(ticks % hz * 1000000000u / hz);
    return 0;
}
