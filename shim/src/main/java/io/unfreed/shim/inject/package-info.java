/**
 * Loads the recording library into a running process and calls it there, and later calls it again
 * to stop. Called by whoever records a process by its id; knows nothing of what the library does
 * between. Linux on x86-64, glibc.
 *
 * <p>From the first memory of its own on, the thread that is borrowed in the target stands on a
 * stack that ends in a signal frame ({@link io.unfreed.shim.inject.SelfRestoringFrame}): should
 * this process die at any moment, the kernel itself puts the thread back where it was found.
 */
package io.unfreed.shim.inject;
