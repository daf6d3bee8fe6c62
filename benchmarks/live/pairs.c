/* malloc and free pairs as fast as they go; a line per second: pairs so far and ns per pair.
 *
 *   gcc -O1 -g -fno-omit-frame-pointer -fno-builtin -o pairs pairs.c
 *   ./pairs SECONDS
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 3, start = now(), last = start;
    long pairs = 0, before = 0;
    while (last - start < seconds) {
        for (int i = 0; i < 1000; i++) {
            void *block = malloc(16 + i % 500);
            __asm__ volatile("" : : "r"(block) : "memory");
            free(block);
        }
        pairs += 1000;
        if (now() - last >= 1) {
            double t = now();
            printf("%ld %.1f\n", pairs, (t - last) * 1e9 / (pairs - before));
            fflush(stdout);
            before = pairs;
            last = t;
        }
    }
    return 0;
}
