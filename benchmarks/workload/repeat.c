/* Repeats the events of a heaptrack raw trace, each time with addresses and times shifted, so that a
 * trace of any length has the live blocks of the short one. Reads stdin, writes stdout, streaming
 * but for the input, which is kept in memory.
 *
 *   gcc -O2 -o repeat repeat.c
 *   zstd -dc churn.raw.zst | ./repeat 10 | zstd -c > churn-100m.raw.zst
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHIFT_BITS = 44 };

static char *input;
static size_t length;

static void read_input(void) {
    size_t capacity = 1 << 20;
    input = malloc(capacity);
    for (size_t n; (n = fread(input + length, 1, capacity - length, stdin)) > 0;) {
        length += n;
        if (length == capacity) {
            input = realloc(input, capacity *= 2);
        }
    }
}

static uint64_t hex(const char *at) { return strtoull(at, NULL, 16); }

static void put_hex(uint64_t value) {
    char digits[16];
    int n = 0;
    do {
        digits[n++] = "0123456789abcdef"[value & 15];
    } while ((value >>= 4) != 0);
    while (n > 0) {
        putchar_unlocked(digits[--n]);
    }
    putchar_unlocked('\n');
}

static void put(const char *from, const char *to) { fwrite_unlocked(from, 1, to - from, stdout); }

/* One pass; returns the last time stamp. */
static uint64_t pass(int round, uint64_t base) {
    uint64_t time = base;
    for (const char *line = input, *end; line < input + length; line = end) {
        end = (const char *)memchr(line, '\n', input + length - line) + 1;
        const char *last = end - 1;
        if (*line == '+' || *line == '-') {
            while (last[-1] != ' ') {
                last--;
            }
            put(line, last);
            put_hex(hex(last) + ((uint64_t)round << SHIFT_BITS));
        } else if (*line == 'c') {
            time = base + hex(line + 2);
            put("c ", "c " + 2);
            put_hex(time);
        } else if (round == 0 || *line == 'R') {
            put(line, end);
        }
    }
    return time;
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 10;
    static char buffer[1 << 20];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    read_input();
    if (length == 0 || input[length - 1] != '\n') {
        fputs("repeat: the trace does not end with a line\n", stderr);
        return 1;
    }
    uint64_t time = 0;
    for (int round = 0; round < rounds; round++) {
        time = pass(round, time);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
