/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OWN_DESCRIPTORS "/proc/self/fd/"
#define DEFAULT_DIRECTORIES "/bin:/usr/bin" /* glibc's, without a PATH */

/* A directory and a name below it; false when that is too long. An empty one is where the process is. */
static bool join(char *room, const char *directory, size_t length, const char *name)
{
	size_t name_bytes = strlen(name) + 1, slash = length > 0;

	if (length + slash + name_bytes > PATH_MAX)
		return false;
	memmove(room, directory, length);
	if (slash)
		room[length] = '/';
	memcpy(room + length + slash, name, name_bytes);
	return true;
}

static bool is_executable(const char *path)
{
	int error = errno;
	struct stat file;
	bool result = stat(path, &file) == 0 && S_ISREG(file.st_mode) &&
		      syscall(SYS_access, path, X_OK) == 0;

	errno = error;
	return result;
}

const char *path_of_name(const char *name, char room[PATH_MAX])
{
	const char *directories = getenv("PATH");

	if (!name || !*name)
		return NULL;
	if (strchr(name, '/'))
		return name;
	if (!directories)
		directories = DEFAULT_DIRECTORIES;
	for (;;) {
		size_t length = strcspn(directories, ":");

		if (join(room, directories, length, name) && is_executable(room))
			return room;
		if (!directories[length])
			return NULL;
		directories += length + 1;
	}
}

static size_t put_number(char *into, unsigned value)
{
	size_t digits = 1;

	for (unsigned rest = value / 10; rest; rest /= 10)
		digits++;
	for (size_t i = digits; i-- > 0; value /= 10)
		into[i] = (char)('0' + value % 10);
	return digits;
}

const char *path_of_descriptor(int fd, const char *path, char room[PATH_MAX])
{
	size_t length = strlen(OWN_DESCRIPTORS);

	if (path && (*path == '/' || (*path && fd == AT_FDCWD)))
		return path;
	if (fd < 0)
		return NULL;
	memcpy(room, OWN_DESCRIPTORS, length);
	length += put_number(room + length, (unsigned)fd);
	room[length] = 0;
	return !path || !*path || join(room, room, length, path) ? room : NULL;
}
