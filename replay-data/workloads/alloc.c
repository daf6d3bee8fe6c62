/* One mode per allocator function and per difficulty; prints exactly what it did. README.md. */
#include "workload.h"

int main(__attribute__((unused)) int argc, char **argv)
{
	static const struct mode *const modes[] = { heap_modes,    map_modes, thread_modes,
						    process_modes, own_modes, NULL };

	return run_modes(modes, argv);
}
