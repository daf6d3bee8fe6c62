/* Allocation churn for benchmarks: N mallocs of 16 to 560 bytes in 12 call depths over a window of
 * live blocks (default 4096); every thousandth block is kept, which is the leak. Default 5 million mallocs.
 *
 *   gcc -O1 -g -fno-omit-frame-pointer -o churn churn.c
 *   heaptrack -r -o churn ./churn [N [WINDOW]]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEPTHS = 12, KEEP_EVERY = 1000 };

__attribute__((noinline)) static void *allocate(int depth, size_t size) {
    void *p = depth == 0 ? malloc(size) : allocate(depth - 1, size);
    __asm__ volatile("" ::: "memory"); /* no tail call: every depth is a frame of its own */
    return p;
}

int main(int argc, char **argv) {
    long mallocs = argc > 1 ? atol(argv[1]) : 5000000;
    long live = argc > 2 ? atol(argv[2]) : 4096;
    void **window = calloc(live, sizeof *window);
    uint64_t random = 88172645463325252ULL;
    for (long i = 0; i < mallocs; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        size_t slot = random % live;
        size_t size = 16 + (random >> 20) % 545;
        if (i % KEEP_EVERY != 0) {
            free(window[slot]);
        }
        window[slot] = allocate((int)((random >> 40) % DEPTHS), size);
    }
    for (long i = 0; i < live; i++) {
        free(window[i]);
    }
    free(window);
    return 0;
}
