/* What makes stacks and order hard: one mode per difficulty; prints exactly what it did. README.md. */
#include "workload.h"

int main(__attribute__((unused)) int argc, char **argv)
{
	static const struct mode *const modes[] = { frame_modes, signal_modes, fibre_modes,
						    storm_modes, exit_modes,   child_modes,
						    object_modes, NULL };

	return run_modes(modes, argv);
}
