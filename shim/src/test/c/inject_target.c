// SPDX-License-Identifier: Apache-2.0
// inject_target MODE: a process to inject into. Prints "ready", works until SIGTERM, and then what
// it noticed: "unharmed N", N being how often it looked, or a line that says what was changed.
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

static volatile unsigned long looked;
static char harm[200];

static void say(const char *line)
{
	if (write(1, line, strlen(line)) < 0)
		_exit(2);
}

static void harmed(const char *what)
{
	snprintf(harm, sizeof(harm), "%s\n", what);
	say(harm);
	_exit(3);
}

static void on_term(int signal)
{
	char line[64];

	(void)signal;
	snprintf(line, sizeof(line), "unharmed %lu\n", looked);
	say(line);
	_exit(0);
}

static void in_epoll(void)
{
	int epoll = epoll_create1(0);
	struct epoll_event event;

	say("ready\n");
	epoll_wait(epoll, &event, 1, -1);
	harmed(errno == EINTR ? "epoll_wait ended with EINTR" : "epoll_wait ended");
}

static void in_sleep(void)
{
	struct timespec day = { 86400, 0 };

	say("ready\n");
	nanosleep(&day, NULL);
	harmed("nanosleep ended");
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* A poll that is interrupted and begun anew still ends when it should, or later under load. */
static void in_poll(void)
{
	say("ready\n");
	for (;;) {
		double from = now();
		int result = poll(NULL, 0, 200);

		if (result != 0)
			harmed("poll ended with EINTR");
		if (now() - from < 0.199)
			harmed("poll ended early");
		looked++;
	}
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void in_futex(void)
{
	pthread_mutex_lock(&mutex);
	say("ready\n");
	pthread_mutex_lock(&mutex);
}

static void *wait_for_ever(void *none)
{
	pthread_cond_t never = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&mutex);
	for (;;)
		pthread_cond_wait(&never, &mutex);
	return none;
}

/* A wait until a moment ends then, or later under load, and no stop ends it with EINTR. */
static void *wait_until(void *none)
{
	sem_t never;

	sem_init(&never, 0, 0);
	for (;;) {
		double from = now();
		struct timespec end;

		clock_gettime(CLOCK_MONOTONIC, &end);
		end.tv_nsec += 200000000;
		end.tv_sec += end.tv_nsec / 1000000000;
		end.tv_nsec %= 1000000000;
		if (sem_clockwait(&never, CLOCK_MONOTONIC, &end) == 0 || errno != ETIMEDOUT)
			harmed("a wait ended with EINTR");
		if (now() - from < 0.199)
			harmed("a wait ended early");
		looked++;
	}
	return none;
}

/* As a JVM at rest: every thread waits for another one. */
static void in_waits(bool until)
{
	pthread_t thread;

	pthread_create(&thread, NULL, until ? wait_until : wait_for_ever, NULL);
	say("ready\n");
	if (until)
		wait_until(NULL);
	pthread_join(thread, NULL);
}

static void *allocate(void *seed)
{
	unsigned char *blocks[64] = { 0 };
	unsigned int at = (uintptr_t)seed;

	for (;; at = at * 1103515245 + 12345) {
		unsigned int i = at >> 16 & 63;
		size_t bytes = 16 + (at >> 8 & 0x3ff);

		if (blocks[i] && blocks[i][0] != i)
			harmed("a block's content changed");
		free(blocks[i]);
		blocks[i] = malloc(bytes);
		memset(blocks[i], i, bytes);
		if ((at & 0xff00) == 0)
			__atomic_fetch_add(&looked, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void in_malloc(int threads)
{
	pthread_t thread;

	for (int i = 1; i < threads; i++)
		pthread_create(&thread, NULL, allocate, (void *)(uintptr_t)i);
	say("ready\n");
	allocate(NULL);
}

/* A leaf function's locals lie below the stack pointer, and nothing says so. */
__attribute__((noinline)) static unsigned long leaf(unsigned long seed)
{
	unsigned long result;

	__asm__ volatile("movq %1, -8(%%rsp)\n\tmovq %1, -64(%%rsp)\n\tmovq %1, -128(%%rsp)\n\t"
			 "movl $2000, %%ecx\n1:\tdecl %%ecx\n\tjnz 1b\n\t"
			 "movq -8(%%rsp), %0\n\taddq -64(%%rsp), %0\n\taddq -128(%%rsp), %0"
			 : "=&r"(result) : "r"(seed) : "rcx", "memory");
	return result;
}

static void in_red_zone(void)
{
	say("ready\n");
	for (unsigned long i = 1;; i++) {
		void *volatile block;

		if (leaf(i) != 3 * i)
			harmed("the red zone was written");
		block = malloc(100);
		free(block);
		looked++;
	}
}

#define PATTERN(n) (0x0101010101010101ull * (n))

/*
 * A system call of its own keeps all registers but rax, rcx and r11. Each is filled, the poll
 * sleeps, each is looked at.
 */
static uint64_t in[16][4] __attribute__((aligned(64), used));
static uint64_t out[16][4] __attribute__((aligned(64), used)), general[8] __attribute__((used));

static void in_registers(void)
{
	for (int i = 0; i < 16; i++)
		for (int j = 0; j < 4; j++)
			in[i][j] = PATTERN(i * 4 + j + 1);
	say("ready\n");
	for (;;) {
		long result;

		errno = 5;
		__asm__ volatile(
			"push %%rbp\n\tpush %%rbx\n\t"
			"leaq in(%%rip), %%rdx\n\tleaq out(%%rip), %%r14\n\tleaq general(%%rip), %%r15\n\t"
			"vmovdqa 0(%%rdx), %%ymm0\n\tvmovdqa 32(%%rdx), %%ymm1\n\tvmovdqa 256(%%rdx), %%ymm8\n\t"
			"vmovdqa 448(%%rdx), %%ymm14\n\tvmovdqa 480(%%rdx), %%ymm15\n\t"
			"movq $0x1111, %%rbp\n\tmovq $0x2222, %%rbx\n\tmovq $0x3333, %%r8\n\t"
			"movq $0x4444, %%r9\n\tmovq $0x5555, %%r10\n\tmovq $0x6666, %%r12\n\t"
			"movq $0x7777, %%r13\n\t"
			"xorl %%edi, %%edi\n\txorl %%esi, %%esi\n\tmovl $50, %%edx\n\tmovl $7, %%eax\n\t"
			"std\n\tsyscall\n\t"
			"pushfq\n\tpopq %%rcx\n\tcld\n\tandq $0x400, %%rcx\n\t"
			"vmovdqa %%ymm0, 0(%%r14)\n\tvmovdqa %%ymm1, 32(%%r14)\n\tvmovdqa %%ymm8, 256(%%r14)\n\t"
			"vmovdqa %%ymm14, 448(%%r14)\n\tvmovdqa %%ymm15, 480(%%r14)\n\t"
			"movq %%rbp, 0(%%r15)\n\tmovq %%rbx, 8(%%r15)\n\tmovq %%r8, 16(%%r15)\n\t"
			"movq %%r9, 24(%%r15)\n\tmovq %%r10, 32(%%r15)\n\tmovq %%r12, 40(%%r15)\n\t"
			"movq %%r13, 48(%%r15)\n\tmovq %%rcx, 56(%%r15)\n\t"
			"pop %%rbx\n\tpop %%rbp"
			: "=&a"(result)
			:
			: "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
			  "xmm0", "xmm1", "xmm8", "xmm14", "xmm15", "memory", "cc");
		for (int i = 0; i < 7; i++)
			if (general[i] != 0x1111ul * (i + 1))
				harmed("a general register was changed");
		if (general[7] != 0x400)
			harmed("the flags were changed");
		if (memcmp(in[0], out[0], 64) || memcmp(in[8], out[8], 32) || memcmp(in[14], out[14], 64))
			harmed("a vector register was changed");
		/* Killed half way, the injector could not put errno back after a call in this thread. */
		if (errno != 5 && !getenv("INJECT_KILLED"))
			harmed("errno was changed");
		/* And what is left of the time is not known then. */
		if (result != 0 && !(result == -EINTR && getenv("INJECT_KILLED")))
			harmed("poll ended with an error");
		looked++;
	}
}

static void asleep_in_handler(int signal)
{
	struct timespec day = { 86400, 0 };

	(void)signal;
	say("ready\n");
	nanosleep(&day, NULL);
}

static ucontext_t outside, inside;

/* On a stack of our own making, small, with something below it that is ours, too. */
static void in_coroutine(void)
{
	size_t bytes = 1 << 16;
	unsigned char *stack = malloc(2 * bytes);

	memset(stack, 0xa5, bytes);
	getcontext(&inside);
	inside.uc_stack.ss_sp = stack + bytes;
	inside.uc_stack.ss_size = bytes;
	inside.uc_link = &outside;
	makecontext(&inside, in_registers, 0);
	swapcontext(&outside, &inside);
}

static void *end(void *none)
{
	return none;
}

static void *begin_and_end(void *none)
{
	pthread_t thread;

	while (pthread_create(&thread, NULL, end, NULL) == 0)
		pthread_join(thread, NULL);
	harmed("a thread could not begin");
	return none;
}

static void among_short_threads(int at_once)
{
	pthread_t thread;

	for (int i = 0; i < at_once; i++)
		pthread_create(&thread, NULL, begin_and_end, NULL);
	in_sleep();
}

static void filter(void)
{
	struct sock_filter allow[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog program = { 1, allow };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		harmed("no seccomp here");
}

static void under_seccomp(void)
{
	filter();
	in_sleep();
}

static void *filtered(void *barrier)
{
	filter();
	pthread_barrier_wait(barrier);
	pause();
	return NULL;
}

static void beside_seccomp(void)
{
	pthread_barrier_t barrier;
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, filtered, &barrier);
	pthread_barrier_wait(&barrier);
	in_sleep();
}

/* Lets pass what this thread still does, and kills the process for all else. */
static void filter_strictly(void)
{
#define PASS(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
	struct sock_filter few[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
				     PASS(pause), PASS(write), PASS(rt_sigreturn), PASS(exit_group),
				     BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS) };
	struct sock_fprog program = { sizeof(few) / sizeof(*few), few };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		harmed("no seccomp here");
}

static void do_nothing(int signal)
{
	(void)signal;
}

static void *pause_for_ever(void *none)
{
	for (;;)
		pause();
	return none;
}

/* On SIGUSR1. */
static void seccomp_later(int others)
{
	pthread_t thread;

	signal(SIGUSR1, do_nothing);
	for (int i = 0; i < others; i++)
		pthread_create(&thread, NULL, pause_for_ever, NULL);
	say("ready\n");
	pause();
	filter_strictly();
	say("filtered\n");
	pause_for_ever(NULL);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	signal(SIGTERM, on_term);
	if (strcmp(mode, "epoll") == 0)
		in_epoll();
	else if (strcmp(mode, "sleep") == 0)
		in_sleep();
	else if (strcmp(mode, "poll") == 0)
		in_poll();
	else if (strcmp(mode, "futex") == 0)
		in_futex();
	else if (strcmp(mode, "waits") == 0)
		in_waits(false);
	else if (strcmp(mode, "waits-until") == 0)
		in_waits(true);
	else if (strcmp(mode, "malloc") == 0)
		in_malloc(8);
	else if (strcmp(mode, "redzone") == 0)
		in_red_zone();
	else if (strcmp(mode, "registers") == 0)
		in_registers();
	else if (strcmp(mode, "coroutine") == 0)
		in_coroutine();
	else if (strcmp(mode, "seccomp") == 0)
		under_seccomp();
	else if (strcmp(mode, "seccomp-thread") == 0)
		beside_seccomp();
	else if (strcmp(mode, "seccomp-later") == 0)
		seccomp_later(1);
	else if (strcmp(mode, "seccomp-later-alone") == 0)
		seccomp_later(0);
	else if (strcmp(mode, "threads") == 0)
		among_short_threads(8);
	else if (strcmp(mode, "handler") == 0)
		signal(SIGUSR1, asleep_in_handler), raise(SIGUSR1);
	return 2;
}
