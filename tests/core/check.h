/* check.h - the harness of the core's unit tests: checks that count, and a last line. */
#ifndef AOT_TESTS_CHECK_H
#define AOT_TESTS_CHECK_H

#include <stdio.h>

static int check_passed, check_failed;

/* Counts a check, and says where it failed. */
#define CHECK(condition)                                                                      \
    ((condition) ? (void)check_passed++                                                       \
                 : (void)(check_failed++,                                                     \
                          fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition)))

/* Prints the totals; the exit code of main. */
static inline int check_done(void)
{
    printf("%d passed, %d failed\n", check_passed, check_failed);
    return check_failed > 0;
}

#endif
