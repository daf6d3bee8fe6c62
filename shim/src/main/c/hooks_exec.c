/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New images: whoever is followed takes this library along, whatever environment it is given, and
 * says so beforehand, so that an image that cannot be recorded (static, setuid) is known by name.
 */
#include "environment.h"
#include "exec_search.h"
#include "glibc.h"
#include "hook.h"
#include "process.h"
#include "program.h"
#include "sanitizers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MUSL_LOADER "ld-musl-"

extern char **environ;

REAL(int(const char *, char *const[], char *const[]), execve)
REAL(int(const char *, char *const[], char *const[]), execvpe)
REAL(int(int, char *const[], char *const[]), fexecve)
REAL(int(int, const char *, char *const[], char *const[], int), execveat)
REAL(int(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
	 char *const[], char *const[]),
     posix_spawn)
REAL(int(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
	 char *const[], char *const[]),
     posix_spawnp)

static bool is_recording(void)
{
	return process_begin() && !process->disowned && __atomic_load_n(&arena->active, __ATOMIC_ACQUIRE);
}

/* The recording is over, for all (the library's file is gone, or will be) or for this process and its images. */
static bool is_over(void)
{
	return arena && !(arena_flags & ARENA_ATTACHED) &&
	       (process->disowned || (!process->refused && !__atomic_load_n(&arena->active, __ATOMIC_ACQUIRE)));
}

static bool is_followed(uint32_t tgid)
{
	return (arena_flags & ARENA_FOLLOW) || arena->root_tgid == tgid;
}

static void copy_text(char *into, const char *text)
{
	size_t length = text ? strnlen(text, ARENA_TARGET_BYTES - 1) : 0;

	memcpy(into, text ? text : "", length);
	into[length] = 0;
}

bool announce_child(uint32_t tgid, const char *path)
{
	uint32_t hint = 0;
	int index = claim(TABLE_PROCESSES, &hint);
	struct arena_process *slot;

	ring_doorbell(); /* it looks at the child while that is there, and has more slots then */
	if (index < 0)
		return false;
	slot = &processes[index];
	memset(slot->exec_path, 0, sizeof(slot->exec_path));
	slot->tgid = tgid;
	slot->parent_tgid = process->registered ? process_slot()->tgid : 0;
	slot->origin = ORIGIN_SPAWN;
	slot->start_ticks = 0;
	slot->pid_namespace = process->registered ? process_slot()->pid_namespace : 0;
	slot->error = 0;
	slot->command_bytes = 0;
	slot->executable[0] = 0;
	slot->registered_stamp = arena_flags & ARENA_TSC ? stamp_now() : monotonic_nanos();
	slot->registered_nanos = monotonic_nanos();
	copy_text(slot->exec_path, path);
	__atomic_store_n(&slot->state, ARENA_READY, __ATOMIC_RELEASE);
	ring_doorbell();
	return true;
}

static bool is_registered(uint32_t tgid)
{
	return process->registered && process_slot()->tgid == tgid;
}

static void announce(uint32_t tgid, const char *path)
{
	if (is_registered(tgid)) {
		copy_text(process_slot()->exec_path, path);
		__atomic_fetch_add(&process_slot()->execs, 1, __ATOMIC_RELEASE);
	} else {
		announce_child(tgid, path);
	}
}

static void take_back(uint32_t tgid)
{
	if (is_registered(tgid))
		__atomic_fetch_sub(&process_slot()->execs, 1, __ATOMIC_RELEASE);
	else
		announce_child(tgid, "");
}

/* Whether an exec of this process takes a changed environment; told beforehand if it is followed. */
static bool before_exec(const char *path, bool *followed)
{
	uint32_t tgid = (uint32_t)syscall(SYS_getpid);

	*followed = false;
	if (!is_recording())
		return is_over();
	*followed = is_followed(tgid);
	if (*followed)
		announce(tgid, path);
	/* A process that was attached to has no library that a new image could preload. */
	return !(arena_flags & ARENA_ATTACHED);
}

static int failed(int result)
{
	int error = errno;
	uint32_t tgid = (uint32_t)syscall(SYS_getpid);

	if (is_recording() && is_followed(tgid))
		take_back(tgid);
	errno = error;
	return result;
}

/* It has no loader of its own that would tell whose it is. */
static bool is_loader_of_musl(const char *path)
{
	const char *base = path ? strrchr(path, '/') : NULL;

	return path && !strncmp(base ? base + 1 : path, MUSL_LOADER, strlen(MUSL_LOADER));
}

/* What cannot be read may be fit: the kernel and its loader judge. */
static bool takes_library(const char *path)
{
	int error = errno;
	struct program program;
	enum program_kind kind = program_open(&program, path);
	bool result = kind == PROGRAM_UNKNOWN ||
		      (kind == PROGRAM_OURS && !needs_sanitizer(&program) && program_is_for_our_libc(&program));

	program_close(&program);
	errno = error;
	return result;
}

static bool is_fit(const char *path, char *const *variables)
{
	return environment_is_reachable() && !is_loader_of_musl(path) && !preloads_sanitizer(variables) && takes_library(path);
}

static bool is_fit_name(const char *name, char *const *variables)
{
	char room[PATH_MAX];

	return is_fit(path_of_name(name, room), variables);
}

static bool is_fit_descriptor(int fd, const char *path, char *const *variables)
{
	char room[PATH_MAX];

	return is_fit(path_of_descriptor(fd, path, room), variables);
}

/* An exec, with `variables` as they are to be: with this library into what is fit for it. */
#define EXEC(path, fit, call)                                                                      \
	do {                                                                                  \
		bool followed, changed = before_exec(path, &followed);                        \
		size_t bytes = changed ? environment_bytes(variables) : 0;                    \
		_Alignas(char *) char room[bytes + 1];                                        \
		if (bytes)                                                                    \
			variables = environment_for_exec(variables, followed && (fit), room); \
		return failed(call);                                                          \
	} while (0)

EXPORT int execve(const char *path, char *const argv[], char *const variables[])
{
	EXEC(path, is_fit(path, variables), get_execve()(path, argv, variables));
}

EXPORT int execvpe(const char *file, char *const argv[], char *const variables[])
{
	EXEC(file, is_fit_name(file, variables), get_execvpe()(file, argv, variables));
}

EXPORT int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

EXPORT int execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

EXPORT int fexecve(int fd, char *const argv[], char *const variables[])
{
	EXEC("a descriptor", is_fit_descriptor(fd, NULL, variables), get_fexecve()(fd, argv, variables));
}

EXPORT int execveat(int fd, const char *path, char *const argv[], char *const variables[], int flags)
{
	EXEC(path, is_fit_descriptor(fd, path, variables), get_execveat()(fd, path, argv, variables, flags));
}

static size_t count_arguments(va_list arguments)
{
	size_t count = 1;

	while (va_arg(arguments, char *))
		count++;
	return count;
}

static void take_arguments(char **argv, const char *first, va_list arguments)
{
	*argv++ = (char *)first;
	while ((*argv++ = va_arg(arguments, char *)))
		;
}

#define ARGUMENTS(argv, first)                                                                \
	va_list counted, taken;                                                               \
	va_start(counted, first);                                                             \
	char *argv[count_arguments(counted) + 1];                                             \
	va_end(counted);                                                                      \
	va_start(taken, first);                                                               \
	take_arguments(argv, first, taken)

EXPORT int execl(const char *path, const char *first, ...)
{
	ARGUMENTS(argv, first);
	va_end(taken);
	return execve(path, argv, environ);
}

EXPORT int execlp(const char *file, const char *first, ...)
{
	ARGUMENTS(argv, first);
	va_end(taken);
	return execvpe(file, argv, environ);
}

EXPORT int execle(const char *path, const char *first, ...)
{
	char *const *variables; /* behind the arguments' NULL */
	va_list counted, all;

	va_start(counted, first);
	size_t count = count_arguments(counted);
	va_end(counted);
	char *argv[count + 1];
	argv[0] = (char *)first;
	va_start(all, first);
	for (size_t i = 1; i <= count; i++)
		argv[i] = va_arg(all, char *);
	variables = va_arg(all, char *const *);
	va_end(all);
	return execve(path, argv, variables);
}

#define SPAWN(name, fit)                                                                        \
	EXPORT int name(pid_t *child, const char *path, const posix_spawn_file_actions_t *actions, \
			const posix_spawnattr_t *attributes, char *const argv[],              \
			char *const variables[])                                              \
	{                                                                                     \
		bool recording = is_recording(), followed = recording && is_followed(0);      \
		bool changed = recording ? !(arena_flags & ARENA_ATTACHED) : is_over();       \
		size_t bytes = changed ? environment_bytes(variables) : 0;                    \
		_Alignas(char *) char room[bytes + 1];                                        \
		pid_t made = 0;                                                               \
		int error;                                                                    \
		if (bytes)                                                                    \
			variables = environment_for_exec(variables, followed && (fit), room); \
		error = get_##name()(&made, path, actions, attributes, argv, variables);      \
		if (error == 0) {                                                             \
			if (child)                                                            \
				*child = made;                                                \
			if (followed)                                                         \
				announce_child((uint32_t)made, path);                         \
		}                                                                             \
		return error;                                                                 \
	}

SPAWN(posix_spawn, is_fit(path, variables))
SPAWN(posix_spawnp, is_fit_name(path, variables))

/* libc starts their shell by itself, with the program's environment. */
REAL(int(const char *), system)
REAL(FILE *(const char *, const char *), popen)

EXPORT int system(const char *command)
{
	if (!is_recording() && is_over())
		environment_leave();
	return get_system()(command);
}

EXPORT FILE *popen(const char *command, const char *type)
{
	if (!is_recording() && is_over())
		environment_leave();
	return get_popen()(command, type);
}
