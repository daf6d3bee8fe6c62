/**
 * How reports look: text as memleak's users know it, JSON as docs/contract.md, section 7, has it.
 */
package io.unfreed.render;
