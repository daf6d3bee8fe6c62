/* What the program lends to a plugin: its ledger, and a way back. */
#ifndef PLUG_H
#define PLUG_H

#include <stddef.h>

struct lent {
	void *(*took)(void *block, size_t bytes, const char *file, int line);
	void *(*dropping)(void *block);
	void (*back)(void); /* allocates in the program */
};

/* plug_enter: a block of this many bytes, taken three frames deep in the plugin, which goes back
 * into the program before and after, and frees every other block itself. */
typedef void *entering(const struct lent *lent, int round);

/* plug_resolved in plug_lazy.so: its lazily bound indirect function allocates while it is bound. */
typedef int resolving(const struct lent *lent);

#endif
