/* main.c - reads a picture of a handwritten digit and prints which one it is, with all scores. */
#include <stdio.h>
#include <stdlib.h>

#include "tvmgen_digits.h"
#include "picture.h"

enum { DIGITS = 10 };

int main(int argc, char **argv)
{
    float image[PICTURE_PIXELS], scores[DIGITS];
    if (argc != 2) {
        fprintf(stderr, "usage: %s PICTURE.pgm\n", argv[0]);
        return 2;
    }
    if (!picture_read(argv[1], image)) {
        return 1;
    }
    struct tvmgen_digits_inputs inputs = { .image = image };
    struct tvmgen_digits_outputs outputs = { .output = scores };
    const int32_t status = tvmgen_digits_run(&inputs, &outputs);
    if (status != 0) {
        fprintf(stderr, "the network returned %d\n", (int)status);
        return 1;
    }
    int best = 0;
    for (int digit = 0; digit < DIGITS; ++digit) {
        printf("%d %5.1f %% ", digit, 100.0 * (double)scores[digit]);
        for (int bar = 0; bar < (int)(scores[digit] * 40.0F + 0.5F); ++bar) {
            putchar('#');
        }
        putchar('\n');
        if (scores[digit] > scores[best]) {
            best = digit;
        }
    }
    printf("this is a %d\n", best);
    return 0;
}
