/* main.c - asks two networks which digit a picture shows, and says whether they agree. */
#include <stdio.h>

#include "acme-cam-digits.h"
#include "acme-cam-exact.h"
#include "../digits/picture.h"

enum { DIGITS = 10 };

static int largest(const float *scores)
{
    int best = 0;
    for (int digit = 1; digit < DIGITS; ++digit)
        if (scores[digit] > scores[best])
            best = digit;
    return best;
}

int main(int argc, char **argv)
{
    float image[CAM_K_DIGITS_IMAGE_COUNT], fast[DIGITS], exact[DIGITS];
    if (argc != 2 || !picture_read(argv[1], image)) {
        fprintf(stderr, "usage: %s PICTURE.pgm (plain, 8x8)\n", argv[0]);
        return 2;
    }
    struct AcmeCamDigitsInputs inputs = { .image = image };
    struct AcmeCamDigitsOutputs outputs = { .scores = fast };
    struct AcmeCamExactInputs exact_inputs = { .image = image };
    struct AcmeCamExactOutputs exact_outputs = { .scores = exact };
    if (AcmeCamDigitsRun(&inputs, &outputs) != CAM_K_DIGITS_OK)
        return 1;
    if (AcmeCamExactRun(&exact_inputs, &exact_outputs) != CAM_K_EXACT_OK)
        return 1;
    printf("%d and %d\n", largest(fast), largest(exact));
    return 0;
}
