/* Modes: signal handlers that allocate, wherever their stack is; no signal comes inside an allocator call. */
#include "workload.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>

#define UNUSED __attribute__((unused))
#define NOINLINE __attribute__((noinline))
#define USE(place) __asm__ volatile("" : : "r"(place) : "memory")

static sigjmp_buf back;
static volatile int handled;

static void allocate(UNUSED int signal)
{
	handled++;
	keep(TAKE(malloc(31), 31));
	keep(TAKE(malloc(37), 37));
}

static void allocate_and_signal(UNUSED int signal)
{
	keep(TAKE(malloc(41), 41));
	raise(SIGUSR2);
	keep(TAKE(malloc(43), 43));
}

static void allocate_and_leave(UNUSED int signal)
{
	keep(TAKE(malloc(47), 47));
	siglongjmp(back, 1);
}

static void on(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	if (sigaction(signal, &action, NULL))
		_exit(4);
}

static void use_stack(void *stack, size_t bytes)
{
	stack_t alternate = { .ss_sp = stack, .ss_size = bytes, .ss_flags = stack ? 0 : SS_DISABLE };

	if (sigaltstack(&alternate, NULL))
		_exit(4);
}

/* By two ways, at several depths, with allocations before, in between and after. */
NOINLINE static void signal_inside(int left, int signal)
{
	char frame[72];

	USE(frame);
	if (left) {
		signal_inside(left - 1, signal);
	} else {
		keep(TAKE(malloc(53), 53));
		raise(signal);
		keep(TAKE(malloc(59), 59));
		syscall(SYS_tgkill, getpid(), gettid(), signal);
		keep(TAKE(malloc(61), 61));
	}
	USE(frame);
}

static void signal_often(void)
{
	for (int i = 0; i < 23; i++) {
		signal_inside(i % 7, SIGUSR1);
		signal_inside(i % 5, SIGUSR2);
	}
}

static void mode_signals(UNUSED char **argv)
{
	on(SIGUSR1, allocate_and_signal, 0);
	on(SIGUSR2, allocate, 0);
	signal_often();
	drop_thirds();
}

/* The inner handler stays on the stack that the outer one is on, or leaves the normal one for it. */
static void mode_altstack(UNUSED char **argv)
{
	static char stack[1 << 16];

	use_stack(stack, sizeof(stack));
	on(SIGUSR1, allocate_and_signal, SA_ONSTACK);
	on(SIGUSR2, allocate, SA_ONSTACK);
	signal_often();
	on(SIGUSR1, allocate_and_signal, 0);
	signal_often();
	use_stack(NULL, 0);
	drop_thirds();
}

static void mode_heapstack(UNUSED char **argv)
{
	on(SIGUSR1, allocate_and_signal, SA_ONSTACK);
	on(SIGUSR2, allocate, SA_ONSTACK);
	for (int i = 0; i < 5; i++) {
		void *stack = TAKE(malloc((1 << 16) + 1024 * i), (1 << 16) + 1024 * i);

		use_stack(stack, (1 << 16) + 1024 * i);
		signal_often();
		use_stack(NULL, 0);
		DROP(stack);
	}
	drop_thirds();
}

static void mode_siglongjmp(UNUSED char **argv)
{
	static char stack[1 << 16];

	use_stack(stack, sizeof(stack));
	for (volatile int i = 0; i < 31; i++) {
		on(SIGUSR1, allocate_and_leave, i % 2 ? SA_ONSTACK : 0);
		if (!sigsetjmp(back, 1))
			signal_inside(i % 13, SIGUSR1);
		keep(TAKE(malloc(67), 67));
	}
	use_stack(NULL, 0);
	drop_thirds();
}

/* The main thread only computes, so the signals come between any two instructions of these. */
NOINLINE static unsigned spin(unsigned x)
{
	char frame[56];

	USE(frame);
	return x * 2654435761u + frame[x % 2] % 2;
}

NOINLINE static unsigned spin_deeper(unsigned x, int left)
{
	char frame[x % 97 + 1];

	frame[0] = 0;
	frame[x % 97] = 0;
	USE(frame);
	return left ? spin_deeper(spin(x), left - 1) + frame[0] : spin(x);
}

static void mode_timer(UNUSED char **argv)
{
	struct itimerval often = { { 0, 503 }, { 0, 503 } }, never = { { 0, 0 }, { 0, 0 } };
	volatile unsigned x = 1;

	handled = 0;
	on(SIGALRM, allocate, 0);
	setitimer(ITIMER_REAL, &often, NULL);
	while (handled < 307)
		x = spin_deeper(x, x % 17);
	setitimer(ITIMER_REAL, &never, NULL);
	on(SIGALRM, SIG_IGN, 0);
	drop_thirds();
}

/* A fault at the first instruction of a function: the frame's pc is not a return address, and the
 * byte before it belongs to another function. */
#ifdef __x86_64__
unsigned read_first(const char *at);
__asm__(".text\n.type read_first, @function\nread_first:\n.cfi_startproc\n"
	"movzbl (%rdi), %eax\nret\n.cfi_endproc\n.size read_first, .-read_first\n");
#else
NOINLINE static unsigned read_first(const char *at)
{
	return *(const volatile char *)at;
}
#endif

static char *guarded;

static void open_page(UNUSED int signal)
{
	keep(TAKE(malloc(71), 71));
	if (mprotect(guarded, 4096, PROT_READ | PROT_WRITE))
		_exit(4);
}

static void mode_fault(UNUSED char **argv)
{
	static char stack[1 << 16], pages[3 * 4096];

	guarded = pages + 4096 - (uintptr_t)pages % 4096;
	use_stack(stack, sizeof(stack));
	for (int i = 0; i < 29; i++) {
		on(SIGSEGV, open_page, i % 2 ? SA_ONSTACK : 0);
		if (mprotect(guarded, 4096, PROT_NONE) || read_first(guarded))
			_exit(4);
		keep(TAKE(malloc(73), 73));
	}
	on(SIGSEGV, SIG_DFL, 0);
	use_stack(NULL, 0);
	drop_thirds();
}

const struct mode signal_modes[] = {
	{ "signals", mode_signals, NULL },	 { "altstack", mode_altstack, NULL },
	{ "heapstack", mode_heapstack, NULL },	 { "siglongjmp", mode_siglongjmp, NULL },
	{ "timer", mode_timer, NULL },		 { "fault", mode_fault, NULL },
	{ NULL, NULL, NULL },
};
