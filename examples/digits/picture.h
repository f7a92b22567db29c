/* picture.h - reads the pictures of digits that the examples are shown; C or C++. */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdio.h>

enum { PICTURE_SIDE = 8, PICTURE_PIXELS = PICTURE_SIDE * PICTURE_SIDE };

/* Reads a plain PGM (P2) of 8x8 pixels, scaled to 0 (paper) .. 1 (ink), into PICTURE_PIXELS floats.
 * Returns 0 if it cannot, and says why. */
static inline int picture_read(const char *path, float *image)
{
    FILE *file = fopen(path, "r");
    int width = 0, height = 0, white = 0, ok, i;
    if (file == NULL) {
        perror(path);
        return 0;
    }
    ok = fscanf(file, "P2 %d %d %d", &width, &height, &white) == 3 && width == PICTURE_SIDE &&
         height == PICTURE_SIDE && white > 0;
    for (i = 0; ok && i < PICTURE_PIXELS; i++) {
        int pixel = 0;
        ok = fscanf(file, "%d", &pixel) == 1 && pixel >= 0 && pixel <= white;
        image[i] = (float)pixel / (float)white;
    }
    fclose(file);
    if (!ok)
        fprintf(stderr, "%s: this is not a plain PGM picture of 8x8 pixels\n", path);
    return ok;
}

#endif
