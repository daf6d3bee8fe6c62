// SPDX-License-Identifier: Apache-2.0
// A library whose constructor waits for another thread of the program that loads it: inject_locks.c.
void wait_for_main(void);

__attribute__((constructor)) static void construct(void)
{
	wait_for_main();
}
