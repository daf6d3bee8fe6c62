// Modes: what C++ makes of allocations. A site is the line in here that asks, some frames further out than
// the allocator call; an exception's block is its size and the 128 bytes that libstdc++ puts before it,
// and 112 for one that refers to another (64-bit; libstdc++'s __cxa_refcounted_ and __cxa_dependent_exception).
#include "workload.h"

#include <exception>
#include <pthread.h>
#include <new>
#include <vector>

#define UNUSED __attribute__((unused))
#define NOINLINE __attribute__((noinline))
#define USE(place) __asm__ volatile("" : : "r"(place) : "memory")

namespace {

constexpr unsigned long exception_header = 128, dependent_bytes = 112;

struct Small {
	int value;
};

struct Large {
	char bytes[500];
};

/* Counted when thrown as taken and freed: each is caught and ends with its handler. */
void thrown_bytes(unsigned long bytes, const char *file, int line)
{
	const struct sum sum = { 1, bytes, 1, bytes };

	summed(&sum, file, line);
}

template <typename T> void thrown(const char *file, int line)
{
	thrown_bytes(sizeof(T) + exception_header, file, line);
}
#define THROW(type, ...) (thrown<type>(HERE), throw type{ __VA_ARGS__ })

struct Guard {
	void *block;

	Guard(void *taken) : block(taken)
	{
	}
	~Guard()
	{
		DROP(block);
		keep(TAKE(malloc(31), 31));
	}
};

/* Every frame has a block to free and allocates while it is left. */
NOINLINE void throw_inside(int left)
{
	char frame[88];
	Guard guard(TAKE(malloc(37), 37));

	USE(frame);
	if (!left)
		THROW(Small, 41);
	throw_inside(left - 1);
	USE(frame);
}

NOINLINE void catch_in_the_middle(int left)
{
	Guard guard(TAKE(malloc(43), 43));

	try {
		throw_inside(left);
	} catch (const Small &) {
		keep(TAKE(malloc(47), 47));
		if (left % 2)
			throw;
		try {
			THROW(Large, {});
		} catch (...) {
			keep(TAKE(malloc(53), 53));
		}
	}
}

void mode_throw(UNUSED char **argv)
{
	for (int i = 0; i < 41; i++) {
		try {
			catch_in_the_middle(i % 17);
		} catch (const Small &) {
			keep(TAKE(malloc(59), 59));
		}
	}
	drop_thirds();
}

/* Kept and thrown again elsewhere, by an exception that refers to it. */
void mode_rethrow(UNUSED char **argv)
{
	for (int i = 0; i < 23; i++) {
		std::exception_ptr kept;

		try {
			throw_inside(i % 11);
		} catch (...) {
			kept = std::current_exception();
		}
		keep(TAKE(malloc(61), 61));
		try {
			thrown_bytes(dependent_bytes, __FILE__, __LINE__ + 1);
			std::rethrow_exception(kept);
		} catch (const Small &) {
			keep(TAKE(malloc(67), 67));
		}
	}
	drop_thirds();
}

/* noexcept: what is thrown inside is caught inside, in a frame without a way out. */
NOINLINE void *quiet(int i) noexcept
{
	try {
		if (i % 3)
			THROW(Small, 71);
		return TAKE(malloc(71), 71);
	} catch (const Small &) {
		return TAKE(malloc(73), 73);
	}
}

void mode_noexcept(UNUSED char **argv)
{
	for (int i = 0; i < 43; i++)
		keep(quiet(i));
	drop_thirds();
}

void mode_operators(UNUSED char **argv)
{
	const std::align_val_t line{ 64 };

	for (int i = 0; i < 29; i++) {
		void *one = TAKE(operator new(31), 31), *many = TAKE(operator new[](37), 37);
		void *quiet = TAKE(operator new(41, std::nothrow), 41);
		void *quiet_many = TAKE(operator new[](43, std::nothrow), 43);
		void *aligned = TAKE(operator new(128, line), 128);
		void *aligned_many = TAKE(operator new[](192, line), 192);
		void *quiet_aligned = TAKE(operator new(256, line, std::nothrow), 256);
		void *quiet_aligned_many = TAKE(operator new[](320, line, std::nothrow), 320);

		if (i % 3 == 0)
			continue;
		operator delete(dropping(one));
		operator delete[](dropping(many));
		operator delete(dropping(quiet), std::nothrow);
		operator delete[](dropping(quiet_many), std::nothrow);
		operator delete(dropping(aligned), line);
		operator delete[](dropping(aligned_many), line);
		operator delete(dropping(quiet_aligned), line, std::nothrow);
		operator delete[](dropping(quiet_aligned_many), line, std::nothrow);
	}
	for (int i = 0; i < 17; i++) {
		operator delete(dropping(TAKE(operator new(47), 47)), std::size_t{ 47 });
		operator delete[](dropping(TAKE(operator new[](53), 53)), std::size_t{ 53 });
		operator delete(dropping(TAKE(operator new(64, line), 64)), std::size_t{ 64 }, line);
		operator delete(dropping(nullptr));
	}
}

template <typename T> struct Told {
	using value_type = T;

	Told() = default;
	template <typename U> Told(const Told<U> &)
	{
	}
	T *allocate(std::size_t count)
	{
		return static_cast<T *>(TAKE(operator new(count * sizeof(T)), count * sizeof(T)));
	}
	void deallocate(T *block, std::size_t)
	{
		operator delete(dropping(block));
	}
	friend bool operator==(const Told &, const Told &)
	{
		return true;
	}
	friend bool operator!=(const Told &, const Told &)
	{
		return false;
	}
};

void mode_vector(UNUSED char **argv)
{
	static std::vector<std::vector<int, Told<int>>, Told<std::vector<int, Told<int>>>> kept;

	for (int i = 0; i < 37; i++) {
		std::vector<int, Told<int>> numbers;

		for (int k = 0; k < 11 * i; k++)
			numbers.push_back(k);
		if (i % 5 == 0)
			numbers.shrink_to_fit();
		if (i % 3)
			kept.push_back(numbers);
	}
}

/* A new handler that allocates, throws out of operator new, and is asked again. Where an allocator defines
 * operator new, that call is the event and what the handler does is nested in it: other numbers. */
extern "C" char mallctl __attribute__((weak)), tc_version __attribute__((weak));
extern "C" char mi_version __attribute__((weak));
int asked;
volatile std::size_t too_much = SIZE_MAX / 3;

void give_up()
{
	asked++;
	keep(TAKE(malloc(79), 79));
	if (asked % 3 == 0)
		THROW(Small, 83);
	if (asked % 5 == 0)
		std::set_new_handler(nullptr);
}

void mode_new_handler(UNUSED char **argv)
{
	if (&mallctl || &tc_version || &mi_version) {
		say("new_handler left out: the allocator defines operator new\n");
		return;
	}
	for (int i = 0; i < 19; i++) {
		std::set_new_handler(give_up);
		try {
			keep(operator new(too_much));
			_exit(4);
		} catch (const Small &) {
			keep(TAKE(malloc(89), 89));
		} catch (const std::bad_alloc &) {
			thrown<std::bad_alloc>(__FILE__, __LINE__ - 5);
			keep(TAKE(malloc(97), 97));
		}
	}
	std::set_new_handler(nullptr);
	for (int i = 0; i < 7; i++) { /* which catches what operator new throws */
		thrown<std::bad_alloc>(__FILE__, __LINE__ + 1);
		must_fail(!operator new(too_much, std::nothrow), 0);
	}
	drop_thirds();
}

struct Thrower {
	int values[29];

	Thrower(int i)
	{
		if (i % 2)
			THROW(Small, i);
	}
	static void *operator new(std::size_t bytes)
	{
		return TAKE(::operator new(bytes), bytes);
	}
	static void operator delete(void *block)
	{
		::operator delete(dropping(block));
	}
};

/* What operator new gave goes back when the constructor throws. */
void mode_constructor(UNUSED char **argv)
{
	for (int i = 0; i < 31; i++)
		try {
			keep(new Thrower(i));
		} catch (const Small &) {
			keep(TAKE(malloc(101), 101));
		}
	drop_thirds();
}

/* Allocates when its thread is over. */
struct Last {
	void *block = nullptr;

	~Last()
	{
		DROP(block);
		keep(TAKE(malloc(103), 103));
		try {
			THROW(Small, 107);
		} catch (const Small &) {
			DROP(TAKE(calloc(1, 109), 109));
		}
	}
};

thread_local Last first_of_thread, second_of_thread;

void *use_both(void *)
{
	first_of_thread.block = TAKE(malloc(113), 113);
	second_of_thread.block = TAKE(malloc(127), 127);
	return nullptr;
}

void mode_thread_local(UNUSED char **argv)
{
	for (int i = 0; i < 19; i++) {
		pthread_t thread;

		if (pthread_create(&thread, nullptr, use_both, nullptr))
			_exit(4);
		pthread_join(thread, nullptr);
	}
	drop_thirds();
}

/* Out of a noexcept function: the handler tells, and the exception lives. */
void tell_and_end()
{
	keep(TAKE(malloc(131), 131));
	finish();
}

#pragma GCC diagnostic ignored "-Wterminate" /* which is the point */
NOINLINE void must_not_throw() noexcept
{
	const struct sum sum = { 1, sizeof(Large) + exception_header, 0, 0 };

	summed(&sum, __FILE__, __LINE__ + 2);
	if (too_much)
		throw Large();
}

void mode_terminate(UNUSED char **argv)
{
	std::set_terminate(tell_and_end);
	must_not_throw();
}

const struct mode cxx_modes[] = {
	{ "throw", mode_throw, nullptr },	      { "rethrow", mode_rethrow, nullptr },
	{ "noexcept", mode_noexcept, nullptr },	      { "operators", mode_operators, nullptr },
	{ "vector", mode_vector, nullptr },	      { "new_handler", mode_new_handler, nullptr },
	{ "constructor", mode_constructor, nullptr }, { "thread_local", mode_thread_local, nullptr },
	{ "terminate", mode_terminate, nullptr },     { nullptr, nullptr, nullptr },
};

} // namespace

int main(UNUSED int argc, char **argv)
{
	static const struct mode *const lists[] = { cxx_modes, nullptr };

	return run_modes(lists, argv);
}
