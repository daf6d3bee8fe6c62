// SPDX-License-Identifier: Apache-2.0
// An allocator that waits for a condition, for ever, while it holds its lock: malloc(4711).
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

void *__libc_malloc(size_t bytes);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

void *malloc(size_t bytes)
{
	void *block;

	pthread_mutex_lock(&lock);
	if (bytes == 4711 && write(1, "ready\n", 6) == 6) {
		pthread_mutex_lock(&other);
		for (;;)
			pthread_cond_wait(&never, &other);
	}
	block = __libc_malloc(bytes);
	pthread_mutex_unlock(&lock);
	return block;
}
