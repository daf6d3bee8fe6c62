/**
 * What the BPF program needs to unwind user stacks without frame pointers: the rules of every
 * object's file, from the builder it shares with the recording library, in maps. Used by the
 * session package only.
 */
package io.unfreed.bpf.unwind;
