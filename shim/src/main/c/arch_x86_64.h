/* SPDX-License-Identifier: Apache-2.0 */
/* x86-64, System V ABI: DWARF register numbers, stamps, the ucontext of a signal frame. */
#ifndef UNFREED_ARCH_X86_64_H
#define UNFREED_ARCH_X86_64_H

#include <stdint.h>
#include <x86intrin.h>

#define DW_COUNT 17
#define DW_FP 6
#define DW_SP 7
#define DW_RA 16

/* Words of the ucontext that a signal frame's CFA minus its size points at. */
#define UCONTEXT_FP 15
#define UCONTEXT_SP 20
#define UCONTEXT_PC 21
/* The CFA of the kernel's signal frame, as glibc's __restore_rt describes it: *(rsp + 160). */
#define SIGNAL_CFA_EXPRESSION { 0x77, 0xa0, 0x01, 0x06 }

/*
 * After everything that came before it in the program, loads included, and before what stores come
 * after it. rdtsc alone is executed ahead of loads that wait for another processor: of who has just
 * handed over the block that is freed now, whose stamp would then be the later one.
 */
static inline uint64_t stamp_now(void)
{
	unsigned int processor;

	return __rdtscp(&processor);
}

/* The registers of the function that this is inlined into, as they are now. */
#define CAPTURE_REGISTERS(r)                                                                  \
	__asm__ volatile("movq %%rax, 0(%0)\n\tmovq %%rdx, 8(%0)\n\tmovq %%rcx, 16(%0)\n\t"    \
			 "movq %%rbx, 24(%0)\n\tmovq %%rsi, 32(%0)\n\tmovq %%rdi, 40(%0)\n\t"   \
			 "movq %%rbp, 48(%0)\n\tmovq %%rsp, 56(%0)\n\t"                         \
			 "movq %%r8, 64(%0)\n\tmovq %%r9, 72(%0)\n\tmovq %%r10, 80(%0)\n\t"     \
			 "movq %%r11, 88(%0)\n\tmovq %%r12, 96(%0)\n\tmovq %%r13, 104(%0)\n\t"  \
			 "movq %%r14, 112(%0)\n\tmovq %%r15, 120(%0)\n\t"                       \
			 "leaq 0(%%rip), %%rax\n\tmovq %%rax, 128(%0)"                          \
			 : : "r"(r) : "rax", "memory")

#endif
