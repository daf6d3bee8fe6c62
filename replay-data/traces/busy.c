/* What the traces beside are of: system calls that work, fail and wait, futexes and file locks that are fought over, writes
 * to the disk, kernel memory that is kept. Ends after some seconds: cc -O1 -g -pthread busy.c -o busy; ./busy FILE SECONDS */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *path;
static time_t end;

static void pause_micros(long micros) {
  struct timespec span = {micros / 1000000, micros % 1000000 * 1000};
  nanosleep(&span, NULL);
}

__attribute__((noinline)) static void hold_mutex(long micros) {
  pthread_mutex_lock(&mutex);
  pause_micros(micros);
  pthread_mutex_unlock(&mutex);
}

__attribute__((noinline)) static void hold_file(long micros) {
  int file = open(path, O_RDWR | O_CREAT, 0600);
  flock(file, LOCK_EX);
  pause_micros(micros);
  close(file);
}

static void *fight(void *number) {
  for (long turn = 0; time(NULL) < end; turn++) {
    hold_mutex(3000 + 1000 * (turn % 5));
    if (turn % 4 == (long)number % 4) hold_file(8000);
    pause_micros(500);
  }
  return NULL;
}

static void *fail(void *unused) {
  char nothing[1];
  while (time(NULL) < end) {
    open("/nowhere/at/all", O_RDONLY);
    read(-1, nothing, 1);
    getpid();
    pause_micros(2000);
  }
  return unused;
}

static void *keep(void *unused) {
  int pipes[2];
  while (time(NULL) < end) {
    if (pipe(pipes) == 0 && write(pipes[1], "kept", 4) != 4) abort();
    pause_micros(40000);
  }
  return unused;
}

static void *store(void *unused) {
  char *page = aligned_alloc(4096, 65536);
  char name[4096];
  snprintf(name, sizeof name, "%s.data", path);
  memset(page, 7, 65536);
  int file = open(name, O_RDWR | O_CREAT | O_DIRECT, 0600);
  for (long turn = 0; time(NULL) < end; turn++) {
    if (pwrite(file, page, turn % 3 == 0 ? 65536 : 4096, turn % 64 * 65536) < 0) perror("pwrite");
    if (turn % 8 == 0) fsync(file);
    if (turn % 5 == 0 && pread(file, page, 4096, 0) < 0) perror("pread");
    pause_micros(10000);
  }
  close(file);
  unlink(name);
  return unused;
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  path = arguments[1];
  end = time(NULL) + atoi(arguments[2]);
  void *(*jobs[])(void *) = {fight, fight, fight, fail, keep, store};
  pthread_t threads[6];
  for (long i = 0; i < 6; i++) pthread_create(&threads[i], NULL, jobs[i], (void *)i);
  for (int i = 0; i < 6; i++) pthread_join(threads[i], NULL);
  unlink(path);
  return 0;
}
