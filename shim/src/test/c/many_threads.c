// SPDX-License-Identifier: Apache-2.0
// many_threads COUNT: so many threads, each of which has allocated before the first of them ends.
#include <pthread.h>
#include <stdlib.h>

static pthread_barrier_t all;

static void *allocate(void *none)
{
	void *volatile block = malloc(7);

	pthread_barrier_wait(&all);
	free(block);
	return none;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1;
	pthread_t threads[count];

	pthread_barrier_init(&all, NULL, (unsigned)count);
	for (int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, allocate, NULL))
			return 1;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
