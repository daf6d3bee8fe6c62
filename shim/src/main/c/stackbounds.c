/* SPDX-License-Identifier: Apache-2.0 */
#include "stackbounds.h"
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Reads hexadecimal digits; the character behind them is in *end. */
struct reader {
	int fd;
	int length, at;
	char bytes[512];
};

static int next(struct reader *reader)
{
	if (reader->at == reader->length) {
		reader->length = (int)syscall(SYS_read, reader->fd, reader->bytes, sizeof(reader->bytes));
		reader->at = 0;
		if (reader->length <= 0) {
			reader->length = 0;
			return -1;
		}
	}
	return (unsigned char)reader->bytes[reader->at++];
}

static int hex(struct reader *reader, uint64_t *value)
{
	int c;

	*value = 0;
	while ((c = next(reader)) >= 0) {
		int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

		if (digit < 0)
			break;
		*value = *value << 4 | (uint64_t)digit;
	}
	return c;
}

static COLD void look(struct thread *thread, uint64_t sp)
{
	struct reader reader = { .fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0) };
	uint64_t low, high;
	int c = 0;

	thread->stack_low = thread->stack_high = 0;
	if (reader.fd < 0)
		return;
	while (c >= 0) {
		hex(&reader, &low);
		c = hex(&reader, &high);
		if (c >= 0 && sp >= low && sp < high) {
			thread->stack_low = low;
			thread->stack_high = high;
			break;
		}
		while (c >= 0 && c != '\n')
			c = next(&reader);
	}
	syscall(SYS_close, reader.fd);
}

bool within_stack(struct thread *thread, uint64_t from, uint64_t to)
{
	if (to < from)
		return false;
	if (from < thread->stack_low || to > thread->stack_high) {
		int error = errno;

		/* A stack grows downwards and fibres come and go: once a look, not for every frame. */
		if (from < thread->stack_low || from >= thread->stack_high)
			look(thread, from);
		errno = error;
	}
	return from >= thread->stack_low && to <= thread->stack_high;
}
