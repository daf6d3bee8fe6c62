/* Runs the modes of a program: by name, after a line on stdin, with output that allocates nothing. */
#include "workload.h"

#include <stdarg.h>

void say(const char *format, ...)
{
	static char line[1024];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (write(1, line, length) != length)
		_exit(3);
}

void wait_for_go(void)
{
	char c = 0;

	while (c != '\n')
		if (read(0, &c, 1) != 1)
			_exit(2);
}

long number(char **argv, long otherwise)
{
	for (argv += 2; argv[-1] && *argv; argv++)
		if (**argv != '-')
			return atol(*argv);
	return otherwise;
}

static int has(char **argv, const char *option)
{
	for (; *argv; argv++)
		if (!strcmp(*argv, option))
			return 1;
	return 0;
}

static const struct mode *find(const struct mode *const *lists, const char *name)
{
	for (; *lists; lists++)
		for (const struct mode *mode = *lists; mode->name; mode++)
			if (!strcmp(mode->name, name))
				return mode;
	return NULL;
}

int run_modes(const struct mode *const *lists, char **argv)
{
	static char names[1024];
	const struct mode *chosen[64];
	size_t count = 0;
	char *rest = names;

	snprintf(names, sizeof(names), "%s", argv[1] ? argv[1] : "");
	for (char *name = strsep(&rest, ","); name && count < 64; name = strsep(&rest, ",")) {
		chosen[count] = find(lists, name);
		if (!chosen[count++]) {
			say("usage: %s MODE[,MODE..] [NUMBER] [--now]\nmodes:", argv[0]);
			for (; *lists; lists++)
				for (const struct mode *mode = *lists; mode->name; mode++)
					say(" %s", mode->name);
			say("\n");
			return 2;
		}
	}
	for (size_t i = 0; i < count; i++)
		if (chosen[i]->prepare)
			chosen[i]->prepare();
	if (!has(argv, "--now")) {
		say("ready %d\n", getpid());
		wait_for_go();
	}
	for (size_t i = 0; i < count; i++)
		chosen[i]->run(argv);
	finish();
}
