/* check.h - the harness of the core's unit tests: checks that count, and a last line. */
#ifndef AOT_TESTS_CHECK_H
#define AOT_TESTS_CHECK_H

#include <stdio.h>
#include <string.h>

static int check_passed, check_failed;

/* Counts a check, and says where it failed. */
#define CHECK(condition)                                                                       \
    ((condition) ? (void)check_passed++                                                        \
                 : (void)(check_failed++,                                                      \
                          fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition)))

/* Counts whether two strings are the same, and shows both where they are not. */
#define CHECK_TEXT(got, wanted) check_text((got), (wanted), __FILE__, __LINE__)

static inline void check_text(const char *got, const char *wanted, const char *file, int line)
{
    if (strcmp(got, wanted) == 0) {
        check_passed++;
        return;
    }
    check_failed++;
    fprintf(stderr, "%s:%d: wanted\n%s\ngot\n%s\n", file, line, wanted, got);
}

/* Prints the totals; the exit code of main. */
static inline int check_done(void)
{
    printf("%d passed, %d failed\n", check_passed, check_failed);
    return check_failed > 0;
}

#endif
