/* Programs that hold memory for all kinds of reasons, their time compressed: corpus CASE SECONDS runs one, corpus all SECONDS
 * all that are recorded together at once, each in a process of its own. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "programs.h"
#include "schedule.h"

static void start_all(const char *self, const char *seconds)
{
	for (unsigned i = 0; i < together_count; i++) {
		pid_t child = fork();

		if (child == 0) {
			execl(self, self, programs[i].name, seconds, (char *)NULL);
			_exit(127);
		}
		if (child < 0)
			perror("fork");
		usleep(40000); /* one after the other: who records has to greet each */
	}
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	double seconds = argc == 3 ? atof(argv[2]) : 0;

	if (seconds <= 0) {
		fprintf(stderr, "usage: corpus CASE|all SECONDS\n");
		return 2;
	}
	if (!strcmp(argv[1], "all")) {
		start_all(argv[0], argv[2]);
		return 0;
	}
	for (unsigned i = 0; i < program_count; i++) {
		if (!strcmp(argv[1], programs[i].name)) {
			settings();
			begin(seconds, i);
			programs[i].run();
			until(1);
			return 0;
		}
	}
	fprintf(stderr, "corpus: no case %s\n", argv[1]);
	return 2;
}
