/* Says when a program begins, and lets its end be seen, without a word of what records it:
 *
 *   begin FIFO PROGRAM ARGUMENTS..
 *
 * writes "PID CLOCK_MONOTONIC" to FIFO and becomes PROGRAM, which keeps FIFO open: who reads it
 * finds its end when the program has ended. Built statically too: then no preloaded library starts
 * before the program (heaptrack takes itself out of the environment of what follows). */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct timespec now;
	char line[64];
	int fd, length;

	if (argc < 3)
		return 2;
	fd = open(argv[1], O_WRONLY);
	if (fd < 0)
		return 3;
	clock_gettime(CLOCK_MONOTONIC, &now);
	length = snprintf(line, sizeof(line), "%d %lld\n", getpid(),
			  now.tv_sec * 1000000000ll + now.tv_nsec);
	if (write(fd, line, length) != length)
		return 4;
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
