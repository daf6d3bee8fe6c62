/* SPDX-License-Identifier: Apache-2.0 */
#include "environment.h"
#include "pages.h"
#include "process.h"
#include "real.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PRELOAD "LD_PRELOAD="
#define ARENA ENV_ARENA "="
#define PATH_BYTES 512

static char library[PATH_BYTES];      /* this library */
static char arena_setting[PATH_BYTES]; /* UNFREED_SHIM=... */

void environment_remember(void)
{
	struct link_map *own = own_object();

	if (own && strlen(own->l_name) < sizeof(library))
		strcpy(library, own->l_name);
	for (char **e = initial_environment(); *e; e++)
		if (!strncmp(*e, ARENA, strlen(ARENA)) && strlen(*e) < sizeof(arena_setting))
			strcpy(arena_setting, *e);
}

/* The libraries of an LD_PRELOAD value without ours; into has room for all of the value. */
static void without_ours(const char *value, char *into)
{
	size_t own = strlen(library);
	char *end = into;

	while (*value) {
		size_t length = strcspn(value, ": ");

		if (length && !(length == own && !strncmp(value, library, own))) {
			if (end != into)
				*end++ = ':';
			memmove(end, value, length);
			end += length;
		}
		value += length + (value[length] != 0);
	}
	*end = 0;
}

void environment_clean(void)
{
	char **to = initial_environment();

	for (char **from = to; *from; from++) {
		if (!strncmp(*from, ARENA, strlen(ARENA)))
			continue;
		if (!strncmp(*from, PRELOAD, strlen(PRELOAD))) {
			char *value = *from + strlen(PRELOAD);

			without_ours(value, value);
			if (!*value)
				continue;
		}
		*to++ = *from;
	}
	*to = NULL;
}

static bool has_ours(char *const *variables)
{
	for (; variables && *variables; variables++)
		if (!strncmp(*variables, ARENA, strlen(ARENA)) ||
		    (!strncmp(*variables, PRELOAD, strlen(PRELOAD)) && strstr(*variables, library)))
			return true;
	return false;
}

void environment_leave(void)
{
	int error = errno;
	size_t bytes = has_ours(environ) ? environment_bytes(environ) : 0;
	void *room = bytes ? own_pages(bytes, false) : NULL;

	if (room)
		environ = environment_for_exec(environ, false, room);
	errno = error;
}

bool environment_is_reachable(void)
{
	int error = errno;
	/*
	 * Not opened: who is at its limit of descriptors has others in its next image. By access, which the loader
	 * calls itself: a filter of system calls that lets a program be executed allows that one.
	 */
	bool result = syscall(SYS_access, library, R_OK | X_OK) == 0;

	errno = error;
	return result;
}

size_t environment_bytes(char *const *variables)
{
	size_t count = 0, text = 2 * PATH_BYTES;

	if (!library[0] || !arena_setting[0])
		return 0;
	for (; variables && variables[count]; count++)
		if (!strncmp(variables[count], PRELOAD, strlen(PRELOAD)))
			text += strlen(variables[count]) + 2;
	return (count + 3) * sizeof(char *) + text;
}

char **environment_for_exec(char *const *variables, bool wanted, void *room)
{
	size_t count = 0;
	char **made = room, **to = made, *texts;

	while (variables && variables[count])
		count++;
	texts = (char *)(to + count + 3);
	if (wanted)
		*to++ = arena_setting;
	strcpy(texts, PRELOAD);
	if (wanted)
		strcat(texts, library);
	for (size_t i = 0; i < count; i++) {
		if (!strncmp(variables[i], ARENA, strlen(ARENA)))
			continue;
		if (!strncmp(variables[i], PRELOAD, strlen(PRELOAD))) {
			char *end = texts + strlen(texts);

			if (end[-1] != '=')
				*end++ = ':';
			without_ours(variables[i] + strlen(PRELOAD), end);
			if (!*end && end[-1] == ':')
				end[-1] = 0;
			continue;
		}
		*to++ = variables[i];
	}
	if (texts[strlen(texts) - 1] != '=')
		*to++ = texts;
	*to = NULL;
	return made;
}
