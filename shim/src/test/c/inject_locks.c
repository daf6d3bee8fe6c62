// SPDX-License-Identifier: Apache-2.0
// inject_locks LIBRARY: a process to inject into. Its main thread waits for SIGUSR1, and the other
// one, which loads LIBRARY, in a constructor for the main thread. Then both go on: "loaded".
// inject_locks: its only thread waits inside of the malloc of inject_allocator.c, preloaded.
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t go;

static void say(const char *line)
{
	if (write(1, line, strlen(line)) < 0)
		_exit(2);
}

static void on_usr1(int signal)
{
	(void)signal;
	sem_post(&go);
}

static void on_term(int signal)
{
	(void)signal;
	say("unharmed\n");
	_exit(0);
}

/* Called by inject_constructor.c. */
void wait_for_main(void)
{
	say("ready\n");
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
}

static void *load(void *library)
{
	if (!dlopen(library, RTLD_NOW))
		say("not loaded\n");
	return NULL;
}

static void wait_for_signal(void)
{
	while (sem_wait(&go))
		;
}

int main(int argc, char **argv)
{
	void *volatile block;
	pthread_t thread;

	sem_init(&go, 0, 0);
	signal(SIGTERM, on_term);
	signal(SIGUSR1, on_usr1);
	if (argc < 2) {
		block = malloc(4711);
		free(block);
		return 2;
	}
	pthread_mutex_lock(&mutex);
	pthread_create(&thread, NULL, load, argv[1]);
	wait_for_signal();
	pthread_mutex_unlock(&mutex);
	pthread_join(thread, NULL);
	say("loaded\n");
	for (;;)
		wait_for_signal();
}
