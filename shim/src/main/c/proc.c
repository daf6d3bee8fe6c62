/* SPDX-License-Identifier: Apache-2.0 */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define END (-1)
#define LOCKED "\nVmLck:"
#define DELETED " (deleted)"

long proc_read(const char *path, char *into, size_t bytes)
{
	long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0), length;

	if (fd < 0)
		return 0;
	length = syscall(SYS_read, fd, into, bytes);
	syscall(SYS_close, fd);
	return length < 0 ? 0 : length;
}

bool proc_locks_memory(void)
{
	char text[2048];
	const char *locked;

	text[proc_read("/proc/self/status", text, sizeof(text) - 1)] = 0;
	locked = strstr(text, LOCKED);
	return locked && locked[strlen(LOCKED) + strspn(locked + strlen(LOCKED), " \t")] != '0';
}

bool proc_has_own_clocks(void)
{
	char text[256];

	text[proc_read("/proc/self/timens_offsets", text, sizeof(text) - 1)] = 0;
	return text[strcspn(text, "123456789")] != 0;
}

bool maps_open(struct maps *maps)
{
	maps->length = maps->at = 0;
	maps->fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
	return maps->fd >= 0;
}

void maps_close(struct maps *maps)
{
	if (maps->fd >= 0)
		syscall(SYS_close, maps->fd);
}

static int next(struct maps *maps)
{
	if (maps->at == maps->length) {
		maps->length = (int)syscall(SYS_read, maps->fd, maps->bytes, sizeof(maps->bytes));
		maps->at = 0;
		if (maps->length <= 0) {
			maps->length = 0;
			return END;
		}
	}
	return (unsigned char)maps->bytes[maps->at++];
}

/* Reads hexadecimal digits, and answers the character behind them. */
static int hex(struct maps *maps, uint64_t *value)
{
	int c;

	*value = 0;
	while ((c = next(maps)) != END) {
		int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

		if (digit < 0)
			break;
		*value = *value << 4 | (uint64_t)digit;
	}
	return c;
}

bool maps_next(struct maps *maps, struct mapping *mapping)
{
	int c;

	hex(maps, &mapping->low);
	c = hex(maps, &mapping->high);
	while (c != END && c != '\n')
		c = next(maps);
	return c != END;
}

/* What follows the fields up to the inode's, padded with blanks. */
static void read_path(struct maps *maps, char *path, size_t bytes)
{
	size_t length = 0;
	int c, blanks = 0;

	for (c = next(maps); c != END && c != '\n' && blanks < 4; c = next(maps))
		blanks += c == ' ';
	while (c == ' ')
		c = next(maps);
	for (; c != END && c != '\n'; c = next(maps))
		if (length + 1 < bytes)
			path[length++] = (char)c;
	path[length] = 0;
}

bool maps_path(uint64_t address, char *path, size_t bytes)
{
	struct mapping mapping;
	struct maps maps;
	bool found = false;
	int c, error = errno;

	path[0] = 0;
	if (!maps_open(&maps)) {
		errno = error;
		return false;
	}
	do {
		hex(&maps, &mapping.low);
		c = hex(&maps, &mapping.high);
		found = c != END && address >= mapping.low && address < mapping.high;
		if (found)
			read_path(&maps, path, bytes);
		while (!found && c != END && c != '\n')
			c = next(&maps);
	} while (!found && c != END);
	maps_close(&maps);
	forget_deletion(path);
	return path[0] == '/';
}

void forget_deletion(char *path)
{
	size_t length = strlen(path), added = strlen(DELETED);

	if (length > added && !strcmp(path + length - added, DELETED))
		path[length - added] = 0;
}
