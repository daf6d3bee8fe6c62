/* What the rules of a file cost: rows, bytes in the kernel, milliseconds to build (the least of three).
 *
 *   gcc -O2 -iquote shim/src/main/c -o tables benchmarks/live/tables.c shim/src/main/c/cfi.c shim/src/main/c/rule.c \
 *     shim/src/main/c/tables/image.c shim/src/main/c/tables/table.c
 *   ./tables FILE.. */
#include "tables/table.h"

#include <stdio.h>
#include <time.h>

#define NODE_PLACES 64
#define NODE_BYTES 384

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static unsigned long kernel_bytes(unsigned long rows)
{
	unsigned long nodes = 0, level = rows;

	do {
		level = (level + NODE_PLACES - 1) / NODE_PLACES;
		nodes += level;
	} while (level > 1);
	return nodes * NODE_BYTES;
}

int main(int argc, char **argv)
{
	printf("| file | functions | rows | rules | KB in the kernel | ms to build |\n|---|---|---|---|---|---|\n");
	for (int i = 1; i < argc; i++) {
		struct unfreed_table table;
		double least = 1e9;

		for (int turn = 0; turn < 3; turn++) {
			double began = now();

			if (unfreed_table_build(argv[i], 0, &table))
				break;
			if (now() - began < least)
				least = now() - began;
			if (turn == 2)
				printf("| %s | %lu | %lu | %lu | %lu | %.1f |\n", argv[i], table.functions, table.rows,
				       table.rule_count, kernel_bytes(table.rows) / 1024, least);
			unfreed_table_free(&table);
		}
	}
	return 0;
}
