/* main.c - reads an accelerometer's readings, in m/s2, and says when the device moves.
 *
 * The network computes with 8-bit integers: its header has the functions that make them of real
 * numbers and real numbers of them. */
#include <stdio.h>

#include "tvmgen_sensor.h"

enum { AXES = 3, WINDOW = TVMGEN_SENSOR_ACCELERATION_COUNT / AXES };

/* Reads one window of readings, x y z each. Returns 0 at the end. */
static int read_window(FILE *file, int8_t *window)
{
    int i;
    for (i = 0; i < WINDOW * AXES; i++) {
        float acceleration;
        if (fscanf(file, "%f", &acceleration) != 1) {
            return 0;
        }
        window[i] = tvmgen_sensor_quantize_acceleration(acceleration);
    }
    return 1;
}

int main(int argc, char **argv)
{
    static int8_t window[WINDOW * AXES];
    int8_t excess = 0;
    struct tvmgen_sensor_inputs inputs;
    struct tvmgen_sensor_outputs outputs;
    FILE *const file = argc == 2 ? fopen(argv[1], "r") : NULL;
    int number = 0;
    if (file == NULL) {
        fprintf(stderr, "usage: %s READINGS.txt\n", argv[0]);
        return 2;
    }
    inputs.acceleration = window;
    outputs.excess = &excess;
    while (read_window(file, window)) {
        const int32_t status = tvmgen_sensor_run(&inputs, &outputs);
        if (status != TVMGEN_SENSOR_OK) {
            fprintf(stderr, "the network returned %ld\n", (long)status);
            fclose(file);
            return 1;
        }
        printf("readings %d to %d: %s (%+.2f m/s2)\n", number * WINDOW + 1,
               (number + 1) * WINDOW, excess > 0 ? "moves" : "rests",
               (double)tvmgen_sensor_dequantize_excess(excess));
        number++;
    }
    fclose(file);
    return 0;
}
