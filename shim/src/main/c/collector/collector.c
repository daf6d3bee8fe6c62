// SPDX-License-Identifier: Apache-2.0
/* What the collector needs of the machine and Java does not offer. Negative results are -errno. */
#include "../arch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

uint64_t unfreed_stamp(void)
{
	return stamp_now();
}

/* Every processor that runs a recorded thread has passed a full barrier. */
int unfreed_barrier(void)
{
	return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0) ? -errno : 0;
}

/* A file of our own, sparse; -EEXIST when there is one. */
int unfreed_create(const char *path, uint64_t bytes, int mode)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode), error;

	if (fd < 0)
		return -errno;
	if (fchmod(fd, (mode_t)mode) == 0 && ftruncate(fd, (off_t)bytes) == 0)
		return fd;
	error = errno;
	close(fd);
	unlink(path);
	return -error;
}

int unfreed_resize(int fd, uint64_t bytes)
{
	return ftruncate(fd, (off_t)bytes) ? -errno : 0;
}

/* Puts pages behind a part of the file, so that touching it cannot fail. */
int unfreed_allocate(int fd, uint64_t offset, uint64_t bytes)
{
	int result;

	do
		result = fallocate(fd, 0, (off_t)offset, (off_t)bytes);
	while (result && errno == EINTR);
	return result ? -errno : 0;
}

/* Takes the pages of a part away: it reads as zeros. */
int unfreed_discard(int fd, uint64_t offset, uint64_t bytes)
{
	return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)bytes)
		       ? -errno
		       : 0;
}

int unfreed_duplicate(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	return copy < 0 ? -errno : copy;
}

int unfreed_close(int fd)
{
	return close(fd) ? -errno : 0;
}

/* Waits while the word has a value, up to some nanoseconds. */
int unfreed_wait(uint32_t *word, uint32_t value, uint64_t nanos)
{
	struct timespec timeout = { (time_t)(nanos / 1000000000), (long)(nanos % 1000000000) };

	return syscall(SYS_futex, word, FUTEX_WAIT, value, &timeout, NULL, 0) ? -errno : 0;
}

int unfreed_wake(uint32_t *word)
{
	return syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0) < 0 ? -errno : 0;
}

/* One of our threads, or the calling one for 0, comes behind others. */
int unfreed_lower(int thread, int nice)
{
	return setpriority(PRIO_PROCESS, (id_t)thread, nice) ? -errno : 0;
}

/* The number that tells one pid namespace from another. */
uint64_t unfreed_pid_namespace(void)
{
	struct stat own;

	return stat("/proc/self/ns/pid", &own) == 0 ? own.st_ino : 0;
}

/* Maps code of a file, for a moment; -EPERM where its file system is mounted noexec. */
int unfreed_map_code(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;
	void *code;

	if (fd < 0)
		return -errno;
	code = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	error = errno;
	close(fd);
	if (code == MAP_FAILED)
		return -error;
	munmap(code, 1);
	return 0;
}
