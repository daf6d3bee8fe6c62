/* Forks and execs children that live 20, 100 and 300 ms, by fork, vfork and posix_spawn; each writes what
 * it allocated to a file of its own, DIRECTORY/PID, in the words of README.md.
 *
 *   children DIRECTORY [ROUNDS] [--now]
 *
 * A child allocates as its first act, in the midst of its life and as its last, at a line each. */
#include "workload.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <time.h>

#define UNUSED __attribute__((unused))

extern char **environ;

static const long lives_ms[] = { 20, 100, 300 };
static const char *const ways[] = { "fork", "vfork", "posix_spawn" };

static void live(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static void be_a_child(const char *directory, const char *way, long ms)
{
	char path[4096];
	int file;

	for (int i = 0; i < 31; i++)
		keep(TAKE(malloc(ms + 3), ms + 3));
	snprintf(path, sizeof(path), "%s/%d", directory, getpid());
	file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (file < 0 || dup2(file, 1) != 1)
		_exit(3);
	say("lives_ms=%ld way=%s\n", ms, way);
	live(ms / 2);
	for (long i = 0; i < ms; i++)
		keep(TAKE(malloc(37), 37));
	drop_thirds();
	live(ms - ms / 2);
	for (int i = 0; i < 41; i++)
		keep(TAKE(calloc(1, 43), 43));
	drop_thirds();
	finish();
}

static pid_t begin(const char *directory, const char *way, long ms)
{
	char number[16], *arguments[] = { "children", "--child", (char *)directory, (char *)way, number,
					  NULL };
	pid_t child = -1;

	snprintf(number, sizeof(number), "%ld", ms);
	if (*way == 'p') {
		if (posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ))
			_exit(4);
		return child;
	}
	child = *way == 'v' ? vfork() : fork();
	if (!child) {
		execv("/proc/self/exe", arguments);
		_exit(4);
	}
	return child;
}

int main(int argc, char **argv)
{
	int now = argc > 2 && !strcmp(argv[argc - 1], "--now");
	long rounds = argc - now > 2 ? atol(argv[2]) : 3;

	if (argc == 5 && !strcmp(argv[1], "--child"))
		be_a_child(argv[2], argv[3], atol(argv[4]));
	if (argc - now < 2 || rounds < 1) {
		say("usage: children DIRECTORY [ROUNDS] [--now]\n");
		return 2;
	}
	if (mkdir(argv[1], 0700) && errno != EEXIST)
		_exit(3);
	if (!now) {
		say("ready %d\n", getpid());
		wait_for_go();
	}
	for (long round = 0; round < rounds; round++) {
		for (size_t life = 0; life < 3; life++)
			for (size_t way = 0; way < 3; way++) {
				keep(TAKE(malloc(53), 53));
				if (begin(argv[1], ways[way], lives_ms[life]) < 0)
					_exit(4);
			}
		for (int i = 0, status; i < 9; i++)
			if (wait(&status) < 0 || status)
				_exit(4);
	}
	say("children=%ld\n", 9 * rounds);
	finish();
}
