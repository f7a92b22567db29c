/* main.c - asks the network which digit a picture shows, and says what the devices did for it. */
#include <stdio.h>

#include "acme_npu.h"
#include "bolt_dsp.h"
#include "tvmgen_digits.h"
#include "../digits/picture.h"

enum { DIGITS = 10 };

int main(int argc, char **argv)
{
    float image[TVMGEN_DIGITS_IMAGE_COUNT], scores[DIGITS];
    struct acme_npu npu = { 0 };
    struct bolt_dsp dsp = { 0 };
    if (argc != 2 || !picture_read(argv[1], image)) {
        fprintf(stderr, "usage: %s PICTURE.pgm (plain, 8x8)\n", argv[0]);
        return 2;
    }
    const struct tvmgen_digits_inputs inputs = { .image = image };
    const struct tvmgen_digits_outputs outputs = { .output = scores };
    const struct tvmgen_digits_devices devices = { .acme_npu = &npu, .bolt_dsp = &dsp };
    const int32_t status = tvmgen_digits_run(&inputs, &outputs, &devices);
    if (status != TVMGEN_DIGITS_OK) {
        fprintf(stderr, "the network returned %d\n", (int)status);
        return 1;
    }
    int best = 0;
    for (int digit = 1; digit < DIGITS; ++digit)
        if (scores[digit] > scores[best])
            best = digit;
    printf("this is a %d\n", best);
    printf("acme_npu: activated %ld, opened %ld, %ld commands\n", npu.activations, npu.opens,
           npu.commands);
    printf("bolt_dsp: activated %ld, opened %ld, %ld jobs\n", dsp.activations, dsp.opens,
           dsp.jobs);
    return 0;
}
