// SPDX-License-Identifier: Apache-2.0
/* Builds tables of damaged copies of a file: must end, and touch nothing that is not its own.
 * Arguments: a file, a place to write copies to, how many. Prints the copies that gave a table. */
#include "tables/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t state = 88172645463325252ull;

static uint64_t any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

int main(int argc, char **argv)
{
	static unsigned char original[4 << 20], copy[sizeof(original)];
	FILE *file = argc == 4 ? fopen(argv[1], "rb") : NULL;
	size_t bytes = file ? fread(original, 1, sizeof(original), file) : 0;
	long copies = argc == 4 ? atol(argv[3]) : 0, built = 0;

	if (bytes < 4096)
		return 1;
	for (long i = 0; i < copies; i++) {
		struct unfreed_table table;
		size_t kept = any() % 8 ? bytes : any() % bytes;
		/* Half of the damage where it is read: the headers, and somewhere in one region. */
		size_t region = any() % bytes, span = 1 + any() % 4096;
		FILE *out;

		memcpy(copy, original, bytes);
		for (uint64_t k = any() % 64 + 1; k > 0; k--) {
			size_t at = any() % 4 ? region + any() % span : any() % 1024;

			copy[at % bytes] = any() % 3 ? (unsigned char)any() : 0xff;
		}
		out = fopen(argv[2], "wb");
		if (!out || fwrite(copy, 1, kept, out) != kept || fclose(out))
			return 1;
		if (unfreed_table_build(argv[2], (uint32_t)any() & 1, &table) == 0) {
			built++;
			unfreed_table_free(&table);
		}
	}
	printf("%ld\n", built);
	return 0;
}
