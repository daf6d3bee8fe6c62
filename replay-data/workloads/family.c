/* Children that allocate for a given time and say exactly what they did.
 *
 *   family fork|exec|spawn MS COUNT FILE   makes COUNT children that work for MS ms each
 *   family work MS FILE                    works
 *
 * Every process that worked appends one line to FILE: `did PID way alloc=N alloc_bytes=B free=F`.
 * Each way ends with the status 7 of its last child. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The first allocation is made at once: whoever looks later has missed it. */
static int work(const char *way, long duration, const char *file)
{
	unsigned long taken = 0, bytes = 0, freed = 0;
	long end = milliseconds() + duration;
	char line[200];
	int length, out;

	do {
		for (int i = 0; i < 11; i++) {
			size_t size = 13 + taken % 89;
			void *block = malloc(size);

			taken++;
			bytes += size;
			if (taken % 3) {
				free(block);
				freed++;
			}
		}
		usleep(1000);
	} while (milliseconds() < end);
	length = snprintf(line, sizeof(line), "did %d %s alloc=%lu alloc_bytes=%lu free=%lu\n",
			  getpid(), way, taken, bytes, freed);
	out = open(file, O_WRONLY | O_APPEND | O_CREAT, 0600);
	if (out < 0 || write(out, line, length) != length)
		_exit(3);
	close(out);
	return 7;
}

static pid_t make_child(char **argv)
{
	char *again[] = { argv[0], "work", argv[2], argv[4], NULL };
	pid_t child;

	if (!strcmp(argv[1], "spawn"))
		return posix_spawn(&child, argv[0], NULL, NULL, again, environ) ? -1 : child;
	child = fork();
	if (child)
		return child;
	if (!strcmp(argv[1], "fork"))
		_exit(work("fork", atol(argv[2]), argv[4]));
	execv(argv[0], again);
	_exit(4);
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc == 4)
		return work("work", atol(argv[2]), argv[3]);
	if (argc != 5)
		return 2;
	for (int i = 0; i < atoi(argv[3]); i++) {
		if (make_child(argv) < 0)
			return 5;
	}
	while (wait(&status) > 0)
		;
	return WEXITSTATUS(status);
}
