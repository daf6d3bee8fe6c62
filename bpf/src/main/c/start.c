/* SPDX-License-Identifier: Apache-2.0 */
/* Waits at a gate, then execs a command in its own process. A shell can do so, too, but shells change the environment:
 * they drop names that are none to them, and set PWD, IFS, OLDPWD, SHLVL, PS4 and others anew.
 * Usage: start READY_FD GATE_FD [NAME=VALUE]... -- COMMAND [ARGUMENT]... */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As shells have them. */
enum { NEVER_STARTED = 125, CANNOT_RUN = 126, NOT_FOUND = 127 };

static int pass_gate(int ready, int gate)
{
	ssize_t got;
	char go;

	if (write(ready, "\n", 1) != 1)
		return 0;
	close(ready);
	do
		got = read(gate, &go, 1);
	while (got < 0 && errno == EINTR);
	close(gate);
	return got == 1;
}

int main(int count, char **words)
{
	char **word = words + 3;

	if (count < 4)
		return NEVER_STARTED;
	for (; *word && strcmp(*word, "--"); word++)
		if (putenv(*word))
			return NEVER_STARTED;
	if (!*word || !*++word || !pass_gate(atoi(words[1]), atoi(words[2])))
		return NEVER_STARTED;
	execvp(*word, word);
	int error = errno;
	fprintf(stderr, "unfreed: %s: %s\n", *word, strerror(error));
	return error == ENOENT ? NOT_FOUND : CANNOT_RUN;
}
