/* main.c - asks two networks which digit a picture shows, in C or in C++. */
#include <stdio.h>

#include "tvmgen_two_models.h"
#include "../digits/picture.h"

static int largest(const float *scores, int count)
{
    int best = 0, i;
    for (i = 1; i < count; i++)
        best = scores[i] > scores[best] ? i : best;
    return best;
}

int main(int argc, char **argv)
{
    float image[TVMGEN_SMALL_IMAGE_COUNT];
    float small_scores[TVMGEN_SMALL_OUTPUT_COUNT], exact_scores[TVMGEN_EXACT_OUTPUT_COUNT];
    struct tvmgen_small_inputs small_in;
    struct tvmgen_small_outputs small_out;
    struct tvmgen_exact_inputs exact_in;
    struct tvmgen_exact_outputs exact_out;
    if (argc != 2) {
        fprintf(stderr, "usage: %s PICTURE.pgm\n", argv[0]);
        return 2;
    }
    if (!picture_read(argv[1], image))
        return 1;
    small_in.image = image;
    small_out.output = small_scores;
    exact_in.image = image;
    exact_out.output = exact_scores;
    if (tvmgen_small_run(&small_in, &small_out) != TVMGEN_SMALL_OK ||
        tvmgen_exact_run(&exact_in, &exact_out) != TVMGEN_EXACT_OK) {
        fprintf(stderr, "a network refused its arguments\n");
        return 1;
    }
    printf("%d models, %d bytes of working memory\n", TVMGEN_TWO_MODELS_NUMBER_OF_MODELS,
           TVMGEN_TWO_MODELS_WORKSPACE_SIZE);
    printf("int8 says %d, fp32 says %d\n", largest(small_scores, TVMGEN_SMALL_OUTPUT_COUNT),
           largest(exact_scores, TVMGEN_EXACT_OUTPUT_COUNT));
    return 0;
}
