/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"
#include "image.h"
#include "../rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROWS (1u << 24)
#define MOST_CODES 65535u
#define HASH_SLOTS (1u << 18)
#define MOST_PROBES 256 /* more is a file that is made for it */

struct function {
	uint32_t start, end;
	uint64_t first, rows; /* in the lists of rows */
};

struct builder {
	const struct image *image;
	struct unfreed_table *table;
	struct cfi_work work;
	struct function *functions;
	uint64_t function_count, function_room;
	uint32_t *starts;
	uint16_t *codes;
	uint64_t row_count, row_room;
	uint32_t *slots; /* code + 1 by hash of the rule; 0: free */
	uint64_t rule_room;
	uint64_t none;   /* the rule of what has no description */
	bool signal, failed;
};

/* list: where the pointer to it lies. */
static bool room_for(void *list, uint64_t *room, uint64_t count, size_t each)
{
	uint64_t wanted = *room ? *room * 2 : 4096;
	void *larger;

	if (count < *room)
		return true;
	memcpy(&larger, list, sizeof(larger));
	larger = realloc(larger, wanted * each);
	if (!larger)
		return false;
	memcpy(list, &larger, sizeof(larger));
	*room = wanted;
	return true;
}

static uint16_t code_of(struct builder *b, uint64_t rule)
{
	uint64_t slot = rule * 0x9e3779b97f4a7c15ull >> 46; /* 18 bits */

	for (int probes = 0;; probes++, slot = (slot + 1) & (HASH_SLOTS - 1)) {
		uint32_t code = b->slots[slot];

		if (code && b->table->rules[code - 1] == rule)
			return (uint16_t)(code - 1);
		if (!code)
			break;
		if (probes == MOST_PROBES && rule != rule_pack(RULE_COMPLEX, 0, FP_SAME))
			return code_of(b, rule_pack(RULE_COMPLEX, 0, FP_SAME));
	}
	/* The last one is for what has no code any more. */
	if (b->table->rule_count + 1 >= MOST_CODES && rule != rule_pack(RULE_COMPLEX, 0, FP_SAME))
		return code_of(b, rule_pack(RULE_COMPLEX, 0, FP_SAME));
	if (!room_for(&b->table->rules, &b->rule_room, b->table->rule_count, sizeof(uint64_t))) {
		b->failed = true;
		return 0;
	}
	b->table->rules[b->table->rule_count++] = rule;
	b->slots[slot] = (uint32_t)b->table->rule_count;
	return (uint16_t)(b->table->rule_count - 1);
}

static void add_row(struct builder *b, uint32_t start, uint64_t rule)
{
	uint64_t room = b->row_room;

	if (b->row_count >= MOST_ROWS || !room_for(&b->starts, &room, b->row_count, sizeof(uint32_t)) ||
	    !room_for(&b->codes, &b->row_room, b->row_count, sizeof(uint16_t))) {
		b->failed = true;
		return;
	}
	b->starts[b->row_count] = start;
	b->codes[b->row_count++] = code_of(b, rule);
}

static bool begin_function(void *context, const struct cfi_function *read)
{
	struct builder *b = context;
	uint64_t address = read->start, offset;

	if (read->relative)
		address += b->image->address - (uint64_t)b->image->copy;
	if (b->failed || read->length == 0 || !image_offset(b->image, address, &offset) ||
	    offset >= UINT32_MAX || read->length >= UINT32_MAX - offset)
		return false;
	if (!room_for(&b->functions, &b->function_room, b->function_count, sizeof(struct function))) {
		b->failed = true;
		return false;
	}
	b->signal = read->signal;
	b->functions[b->function_count++] = (struct function){
		(uint32_t)offset, (uint32_t)(offset + read->length), b->row_count, 0
	};
	return true;
}

static void take_row(void *context, uint64_t offset, const struct cfi_row *row)
{
	struct builder *b = context;
	struct function *function = &b->functions[b->function_count - 1];

	if (b->failed || offset >= function->end - function->start)
		return;
	if (!row)
		b->table->unreadable++;
	add_row(b, function->start + (uint32_t)offset,
		row ? rule_of_row(row, b->signal) : rule_pack(RULE_COMPLEX, 0, FP_SAME));
	function->rows++;
}

static int by_start(const void *one, const void *other)
{
	const struct function *a = one, *b = other;

	return a->start < b->start ? -1 : a->start > b->start;
}

/* Appends to the table what goes on from the row before, or differs from it. */
static void append(struct builder *b, uint32_t start, uint16_t code)
{
	struct unfreed_table *table = b->table;

	if (table->rows && start < table->starts[table->rows - 1])
		return; /* functions that overlap: the first one has it */
	if (table->rows && start == table->starts[table->rows - 1])
		table->rows--;
	if (table->rows && table->codes[table->rows - 1] == code)
		return;
	table->starts[table->rows] = start;
	table->codes[table->rows++] = code;
}

static bool merge(struct builder *b)
{
	struct unfreed_table *table = b->table;
	uint64_t most = 2 + b->row_count + 2 * b->function_count;
	uint16_t none = code_of(b, b->none);
	uint32_t end = 0;

	table->starts = malloc(most * sizeof(uint32_t));
	table->codes = malloc(most * sizeof(uint16_t));
	if (b->failed || !table->starts || !table->codes)
		return false;
	if (b->function_count)
		qsort(b->functions, b->function_count, sizeof(struct function), by_start);
	append(b, 0, none);
	for (uint64_t i = 0; i < b->function_count; i++) {
		const struct function *function = &b->functions[i];

		if (function->start < end)
			continue;
		append(b, end, none); /* also in padding: makecontext returns to a function's beginning */
		for (uint64_t k = 0; k < function->rows; k++)
			append(b, b->starts[function->first + k], b->codes[function->first + k]);
		end = function->end;
	}
	append(b, end, none);
	table->functions = b->function_count;
	return true;
}

int unfreed_table_build(const char *path, uint32_t options, struct unfreed_table *table)
{
	struct image image;
	struct builder *b;
	int error = image_open(&image, path);

	memset(table, 0, sizeof(*table));
	b = error ? NULL : calloc(1, sizeof(*b));
	if (b) {
		struct cfi_visitor visitor = { begin_function, take_row, b };

		b->image = &image;
		b->table = table;
		b->slots = calloc(HASH_SLOTS, sizeof(uint32_t));
		b->none = image.go                   ? rule_pack(RULE_FP, 16, -16)
			  : options & TABLE_OF_LINKER ? rule_pack(RULE_END, 0, FP_SAME)
						      : rule_pack(RULE_NONE, 0, FP_SAME);
		if (b->slots && image.copy)
			cfi_each(&image.eh_frame, &image.within, &b->work, &visitor);
		if (!b->slots || !merge(b))
			error = -ENOMEM;
		free(b->functions);
		free(b->starts);
		free(b->codes);
		free(b->slots);
		free(b);
	} else if (!error) {
		error = -ENOMEM;
	}
	if (error)
		unfreed_table_free(table);
	image_close(&image);
	return error;
}

void unfreed_table_lay_out(uint64_t rows, const uint32_t *starts, const uint16_t *codes,
			   const uint16_t *numbers, struct unfreed_table_node *nodes)
{
	uint64_t below = (rows + TABLE_PLACES - 1) / TABLE_PLACES, from = 0;

	for (uint64_t i = 0; i < below * TABLE_PLACES; i++) {
		struct unfreed_table_node *node = &nodes[i / TABLE_PLACES];

		node->start[i % TABLE_PLACES] = i < rows ? starts[i] : UINT32_MAX;
		node->rule[i % TABLE_PLACES] = i < rows ? numbers[codes[i]] : 0;
	}
	while (below > 1) {
		uint64_t to = from + below, count = (below + TABLE_PLACES - 1) / TABLE_PLACES;

		for (uint64_t i = 0; i < count * TABLE_PLACES; i++) {
			struct unfreed_table_node *node = &nodes[to + i / TABLE_PLACES];

			node->start[i % TABLE_PLACES] = i < below ? nodes[from + i].start[0] : UINT32_MAX;
			node->rule[i % TABLE_PLACES] = 0;
		}
		from = to;
		below = count;
	}
}

void unfreed_table_free(struct unfreed_table *table)
{
	free(table->starts);
	free(table->codes);
	free(table->rules);
	memset(table, 0, sizeof(*table));
}
