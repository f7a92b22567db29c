/* main.c - reads a picture of a handwritten digit and prints which one it is, with all scores. */
#include <stdio.h>
#include <stdlib.h>

#include "tvmgen_digits.h"

enum { SIDE = 8, DIGITS = 10 };

/* Reads a plain PGM (P2) of 8x8 pixels, scaled to 0 (paper) .. 1 (ink). */
static int read_pgm(const char *path, float *image)
{
    FILE *file = fopen(path, "r");
    int width = 0, height = 0, white = 0, ok = 0;
    if (file == NULL) {
        perror(path);
        return 0;
    }
    ok = fscanf(file, "P2 %d %d %d", &width, &height, &white) == 3 && width == SIDE &&
         height == SIDE && white > 0;
    for (int i = 0; ok && i < SIDE * SIDE; ++i) {
        int pixel = 0;
        ok = fscanf(file, "%d", &pixel) == 1 && pixel >= 0 && pixel <= white;
        image[i] = (float)pixel / (float)white;
    }
    fclose(file);
    if (!ok) {
        fprintf(stderr, "%s: this is not a plain PGM picture of 8x8 pixels\n", path);
    }
    return ok;
}

int main(int argc, char **argv)
{
    float image[SIDE * SIDE], scores[DIGITS];
    if (argc != 2) {
        fprintf(stderr, "usage: %s PICTURE.pgm\n", argv[0]);
        return 2;
    }
    if (!read_pgm(argv[1], image)) {
        return 1;
    }
    struct tvmgen_digits_inputs inputs = {.image = image};
    struct tvmgen_digits_outputs outputs = {.output = scores};
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
